/**
 * DeleteGroups, key 42, versions 0 to 2: forgets groups without members, of both
 * protocols, and their offsets. Each succeeds or fails on its own; one that is
 * named twice is answered once. KIP-229.
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { DELETE_GROUPS_REQUEST, DELETE_GROUPS_RESPONSE } from "../schemas/delete_groups.ts";

export const deleteGroups = defineApi({
  key: 42,
  request: DELETE_GROUPS_REQUEST,
  response: DELETE_GROUPS_RESPONSE,
  versions: [0, 2],
  serve({ groupsNames }, { broker, answer }) {
    const groups = [...new Set(groupsNames)];
    broker.submit({ kind: "delete_groups", groups }, (reply) => {
      const failed = reply.kind === "groups_deleted" ? null : failureOf(reply);
      const deleted = reply.kind === "groups_deleted"
        ? reply.groups
        : groups.map((group) => ({ group, fault: failed }));
      answer({
        results: deleted.map(({ group, fault }) => ({ groupId: group, errorCode: errorCode(fault) })),
      });
    });
  },
});
