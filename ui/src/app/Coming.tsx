// Something is on its way. A picture alone may have no name, so it says what it is as a status.
import { Loader } from "@mantine/core";

export function Coming({ what }: { what: string }) {
  return <Loader role="status" aria-label={what} />;
}
