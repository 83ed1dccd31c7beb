/**
 * FindCoordinator, key 10, versions 0 to 6: which broker looks after a group. One
 * broker: always this one. From version 4 on several keys at once.
 *
 * Not done: transactions and share groups, which are refused. KIP-98, KIP-699,
 * KIP-890, KIP-932.
 */
import { type Fault, fault } from "../../model/mod.ts";
import { defineApi, type Endpoint } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { FIND_COORDINATOR_REQUEST, FIND_COORDINATOR_RESPONSE } from "../schemas/find_coordinator.ts";

const KEY_TYPE_GROUP = 0;
const SEVERAL_KEYS_VERSION_MIN = 4;

export const findCoordinator = defineApi({
  key: 10,
  request: FIND_COORDINATOR_REQUEST,
  response: FIND_COORDINATOR_RESPONSE,
  versions: [0, 6],
  serve({ keyType, coordinatorKeys }, call) {
    const refused = keyType === KEY_TYPE_GROUP
      ? null
      : fault("INVALID_REQUEST", `Coordinators of type "${keyType}" are not served, wanted 0 (groups)`);
    const where = whereOf(refused, call.endpoint);
    if (call.version < SEVERAL_KEYS_VERSION_MIN) return call.answer(where);
    call.answer({ coordinators: coordinatorKeys.map((key) => ({ key, ...where })) });
  },
});

function whereOf(refused: Fault | null, { nodeId, host, port }: Endpoint) {
  const said = { errorCode: errorCode(refused), errorMessage: errorMessage(refused) };
  return refused === null ? { ...said, nodeId, host, port } : { ...said, nodeId: -1, host: "", port: -1 };
}
