/**
 * DescribeClientQuotas, key 48, versions 0 to 1: there are no quotas, so that no
 * filter finds one. A filter Kafka refuses is refused here too: an entity type
 * that is empty, named twice or unknown, a way to match that is unknown.
 *
 * Not done: quotas. KIP-546.
 */
import type { MessageOf } from "../../bytes/mod.ts";
import { type Fault, fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import {
  DESCRIBE_CLIENT_QUOTAS_REQUEST,
  DESCRIBE_CLIENT_QUOTAS_RESPONSE,
} from "../schemas/describe_client_quotas.ts";

type Component = MessageOf<typeof DESCRIBE_CLIENT_QUOTAS_REQUEST>["components"][number];

const ENTITY_TYPES: ReadonlySet<string> = new Set(["user", "client-id", "ip"]);
/** 0 an exact name, 1 the default, 2 any name. */
const MATCH_TYPE_MAX = 2;

export const describeClientQuotas = defineApi({
  key: 48,
  request: DESCRIBE_CLIENT_QUOTAS_REQUEST,
  response: DESCRIBE_CLIENT_QUOTAS_RESPONSE,
  versions: [0, 1],
  serve({ components }, call) {
    const refused = refuse(components);
    if (refused === null) return call.answer({ errorMessage: null, entries: [] });
    call.answer({ errorCode: errorCode(refused), errorMessage: errorMessage(refused), entries: null });
  },
});

function refuse(components: readonly Component[]): Fault | null {
  const seen = new Set<string>();
  for (const { entityType, matchType } of components) {
    if (entityType === "") return fault("INVALID_REQUEST", "An entity type is empty");
    if (seen.has(entityType)) {
      return fault("INVALID_REQUEST", `Entity type "${entityType}" is named more than once`);
    }
    seen.add(entityType);
    if (!ENTITY_TYPES.has(entityType)) {
      const words = `Entity type "${entityType}" is unknown, wanted is user, client-id or ip`;
      return fault("UNSUPPORTED_VERSION", words);
    }
    if (matchType < 0 || matchType > MATCH_TYPE_MAX) {
      return fault(
        "INVALID_REQUEST",
        `Match type "${matchType}" is unknown, wanted is 0 to ${MATCH_TYPE_MAX}`,
      );
    }
  }
  return null;
}
