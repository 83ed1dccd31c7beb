/**
 * ListGroups, key 16, versions 0 to 5: every group, of both protocols; from
 * version 4 on with its state and for some states alone (KIP-518), from version 5
 * on with its type and for some types alone (KIP-848).
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { LIST_GROUPS_REQUEST, LIST_GROUPS_RESPONSE } from "../schemas/list_groups.ts";

export const listGroups = defineApi({
  key: 16,
  request: LIST_GROUPS_REQUEST,
  response: LIST_GROUPS_RESPONSE,
  versions: [0, 5],
  serve({ statesFilter, typesFilter }, { broker, answer }) {
    broker.submit({ kind: "list_groups", states: statesFilter, types: typesFilter }, (reply) => {
      if (reply.kind !== "groups_listed") return answer({ errorCode: errorCode(failureOf(reply)) });
      answer({
        groups: reply.groups.map(({ group, protocolType, state, type }) => {
          return { groupId: group, protocolType, groupState: state, groupType: type };
        }),
      });
    });
  },
});
