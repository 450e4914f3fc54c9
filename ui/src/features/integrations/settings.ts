// What is put into the form of a connection, and whether it looks as the CRM wants it. Pure.
import type { Crm, Field } from "./connections";

export type Settings = Readonly<Record<string, string>>;

/** Whether a value has the form that the connector asks for; the server has the last word. */
export function fits(field: Field, value: string): boolean {
  if (value.trim() === "") return true; // Whether it may be empty is another question.
  try {
    return new RegExp(`^(?:${field.pattern})$`, "u").test(value.trim());
  } catch {
    return true; // A pattern that only the server can read.
  }
}

/** The fields that are wrong or lack a value; secrets in `kept` may stay as they are. */
export function wrongIn(crm: Crm, settings: Settings, kept: readonly string[] = []): string[] {
  return crm.fields
    .filter((field) => {
      const value = settings[field.name] ?? "";
      const lacks = field.required && value.trim() === "" && !kept.includes(field.name);
      return lacks || !fits(field, value);
    })
    .map(({ name }) => name);
}

/** What is sent of a change: a secret that nobody typed anew is left out, and so it stays; a `taken` one goes away. */
export function changedSettings(
  crm: Crm,
  settings: Settings,
  taken: readonly string[] = [],
): Record<string, string> {
  const sent = crm.fields.filter(
    ({ name, secret }) => !secret || taken.includes(name) || (settings[name] ?? "") !== "",
  );
  return Object.fromEntries(sent.map(({ name }) => [name, settings[name] ?? ""]));
}
