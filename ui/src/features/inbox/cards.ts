// Places and people that somebody sent: the server tells them in lines, and here these are known again. Pure.

export interface Place {
  readonly what: "place";
  readonly name: string;
  readonly map: string;
  readonly latitude: string;
  readonly longitude: string;
}
export interface Person {
  readonly name: string;
  readonly numbers: readonly string[];
}
export interface People {
  readonly what: "people";
  readonly people: readonly Person[];
}

const MAP = /^https:\/\/maps\.google\.com\/maps\?q=(-?\d{1,3}\.\d{6}),(-?\d{1,3}\.\d{6})$/;
const PLACE = "📍";
const PERSON = "👤";

/** What the text of a message shows beside words; null if it is words alone, and they stay as they are. */
export function cardOf(text: string): Place | People | null {
  if (text.startsWith(PLACE)) return placeOf(text.split("\n"));
  return text.startsWith(PERSON) ? peopleOf(text.split("\n")) : null;
}

function placeOf([first = "", map = "", ...more]: readonly string[]): Place | null {
  const [, latitude, longitude] = MAP.exec(map) ?? [];
  if (latitude === undefined || longitude === undefined || more.length > 0) return null;
  return { what: "place", name: first.slice(PLACE.length).trim(), map, latitude, longitude };
}

function peopleOf(lines: readonly string[]): People | null {
  const people: { name: string; numbers: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(PERSON))
      people.push({ name: line.slice(PERSON.length).trim(), numbers: [] });
    else if (isNumber(line)) people.at(-1)?.numbers.push(line);
    else return null;
  }
  return { what: "people", people };
}

function isNumber(line: string): boolean {
  return /^[+\d][\d\s()./-]{2,40}$/.test(line);
}
