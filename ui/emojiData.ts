// Emoji with their names in each language of the console, as modules that are fetched when they are first looked at.
// Of the data only what the picker shows is taken: a tenth of it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Plugin } from "vite";

const PREFIX = "virtual:emoji/";
/** Newer ones are boxes on phones and desks of some years ago. */
const NEWEST = 15;
const COMPONENTS = "component";
const FOLDER = join(createRequire(import.meta.url).resolve("emojibase-data/package.json"), "..");

interface Raw {
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly version: number;
}

export function emojiData(): Plugin {
  return {
    name: "emoji-data",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load: (id) =>
      id.startsWith(`\0${PREFIX}`)
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(read(id.slice(PREFIX.length + 1))))})`
        : undefined,
  };
}

function read(language: string) {
  const json = (name: string) => JSON.parse(readFileSync(join(FOLDER, language, name), "utf-8"));
  const emoji = json("data.json") as Raw[];
  const { groups } = json("messages.json") as {
    groups: { key: string; message: string; order: number }[];
  };
  return {
    categories: groups
      .filter(({ key }) => key !== COMPONENTS)
      .map(({ order, message }) => ({ index: order, label: message })),
    emoji: emoji
      .filter(({ group, version }) => group !== undefined && version <= NEWEST)
      .map(({ emoji: sign, group, label, tags = [] }) => [
        sign,
        group,
        label,
        tags.filter((tag) => !label.includes(tag)).join(" "),
      ]),
  };
}
