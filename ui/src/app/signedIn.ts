// From a sign-in on, requests carry what the server wants to see.
import { type SignedIn, use } from "../api/client";
import { signedInHere } from "./preferences";

export function enter(session: SignedIn): void {
  use.csrfToken(session.csrf_token);
  signedInHere.note(true);
}
