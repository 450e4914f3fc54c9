// What is known again of the lines in which places and people are told, and what stays words.
import { expect, test } from "vitest";
import { cardOf } from "./cards";

const MAP = "https://maps.google.com/maps?q=48.210033,-16.363449";

test("a place has its name and where it is", () => {
  expect(cardOf(`📍 Café Central, Herrengasse 14\n${MAP}`)).toEqual({
    what: "place",
    name: "Café Central, Herrengasse 14",
    map: MAP,
    latitude: "48.210033",
    longitude: "-16.363449",
  });
  expect(cardOf(`📍\n${MAP}`)).toMatchObject({ what: "place", name: "" });
});

test("each of several people has the numbers below the name", () => {
  expect(cardOf("👤 Anna\n+7 916 123-45-67\n8 (495) 123-45-67\n👤 Bob")).toEqual({
    what: "people",
    people: [
      { name: "Anna", numbers: ["+7 916 123-45-67", "8 (495) 123-45-67"] },
      { name: "Bob", numbers: [] },
    ],
  });
});

test.each([
  "Meet me here 📍",
  "📍 on the left side",
  `📍 Here\n${MAP}\nand ring twice`,
  "📍 Here\nhttps://maps.google.com.evil.example/maps?q=48.210033,16.363449",
  "📍 Here\njavascript:alert(1)",
  "👤 Anna\nis my sister",
])("what a person wrote stays as it is: %s", (text) => {
  expect(cardOf(text)).toBeNull();
});
