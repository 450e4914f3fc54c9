// The one door to the server: typed by its own description, signed by the cookie, and honest about failures.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Channel = Schemas["ChannelView"];
export type Chat = Schemas["ChatView"];
export type Message = Schemas["MessageView"];
export type SignedIn = Schemas["SignedInView"];
export type StatusCode = Schemas["Status"];

/** What the server declined, in its own words: `detail` says what happened, `cure` what helps. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly cure: string,
    readonly field?: string,
    /** What is wrong with the shape of a request, field by field. */
    readonly errors: readonly { readonly field: string; readonly problem: string }[] = [],
  ) {
    super(detail);
  }
}

/** Houston could not be reached at all. */
export class Unreachable extends Error {}

let csrfToken = "";
let bearer = "";
let language = "en";
let onSignedOut = () => {};

export const use = {
  csrfToken: (token: string) => {
    csrfToken = token;
  },
  /** In a window of a CRM there is no cookie, but what its link was exchanged for. */
  bearer: (given: string) => {
    bearer = given;
  },
  language: (chosen: string) => {
    language = chosen;
  },
  signedOut: (listener: () => void) => {
    onSignedOut = listener;
  },
};

/** What every request says of itself, also those that are not in the description. */
export function ownHeaders(): Record<string, string> {
  const common = { "x-csrf-token": csrfToken, "accept-language": language };
  return bearer === "" ? common : { ...common, authorization: `Bearer ${bearer}` };
}

export function signedOut(): void {
  onSignedOut();
}

const saysWhoItIs: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(ownHeaders())) request.headers.set(name, value);
    return request;
  },
  onError: () => new Unreachable(),
};

export const api = createClient<paths>({ baseUrl: "/" });
api.use(saysWhoItIs);

/** The answer's content; what the server declined becomes a `Problem`. */
export async function asked<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Data;
  throw problemOf(response, error);
}

/** Here 401 is a wrong password of somebody who stays signed in. */
const ASKS_FOR_THE_PASSWORD = "/session/password";

export function problemOf(response: Response, said: unknown): Problem {
  const told = (typeof said === "object" && said !== null ? said : {}) as Partial<Problem>;
  const isSignedOut = response.status === 401 && !response.url.endsWith(ASKS_FOR_THE_PASSWORD);
  if (isSignedOut && csrfToken + bearer !== "") onSignedOut();
  return new Problem(
    response.status,
    told.code ?? "UNKNOWN",
    told.detail ?? response.statusText,
    told.cure ?? "",
    told.field,
    told.errors,
  );
}
