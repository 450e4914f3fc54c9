// What a complaint of the server means to a person in front of a form. The server words it; labels are ours.
import type { Problem } from "../api/client";
import type { Key } from "../i18n/words";

/** How the console calls what the server names in a complaint. Settings of a CRM stand at their own fields. */
const LABELS: Readonly<Record<string, Key>> = {
  after_minutes: "curators.afterMinutes",
  channel_id: "inbox.channel",
  chat_id: "channel.phone",
  email: "signIn.email",
  kinds: "webhooks.kinds",
  language: "settings.language",
  name: "channel.name",
  pacing_per_minute: "channel.pacing.label",
  password: "settings.password.new",
  phone: "channel.phone",
  routes: "curators.routes",
  time_zone: "curators.zone",
  url: "webhooks.url",
};

/** All of it: what happened and what helps, once. Of a field that the console has, only what helps. */
export function explained(problem: Problem, t: (key: Key) => string): string {
  const [first] = problem.errors;
  if (first !== undefined) return `${labelOf(first.field, t)}: ${first.problem}`;
  const label = problem.field === undefined ? undefined : LABELS[problem.field];
  if (label !== undefined) return `${t(label)}: ${problem.cure}`;
  return problem.detail.endsWith(problem.cure)
    ? problem.detail
    : [problem.detail, problem.cure].join(". ");
}

/** The same right at the field, which has its label and shows what was entered. */
export function explainedAtField(problem: Problem): string {
  const said = problem.errors[0]?.problem ?? problem.cure;
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

function labelOf(field: string, t: (key: Key) => string): string {
  const label = LABELS[field];
  return label === undefined ? field : t(label);
}
