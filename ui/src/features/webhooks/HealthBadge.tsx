// How an endpoint is, in the server's words.
import { Badge } from "../../status/Badge";
import type { Endpoint } from "./endpoints";
import { lookOf } from "./look";

export function HealthBadge({ endpoint }: { endpoint: Endpoint }) {
  const { health, title } = endpoint;
  const { tone, icon } = lookOf(health);
  return <Badge tone={tone} icon={icon} text={title} code={health} />;
}
