/** Groups, members and partitions as the client describes them, for the tests of what commands print. */
import type { GroupDetail, GroupLag, GroupMember } from "../../../src/client/mod.ts";

/** A classic group in order, but for what is given. */
export function detail(different: Partial<GroupDetail>): GroupDetail {
  return {
    group: "g2",
    type: "Classic",
    state: "Stable",
    protocolType: "consumer",
    assignor: "range",
    epoch: 3,
    assignmentEpoch: 3,
    coordinator: { node: 1, host: "127.0.0.1", port: 9292 },
    members: [],
    ...different,
  };
}

/** A classic member without partitions, but for what is given. */
export function member(different: Partial<GroupMember>): GroupMember {
  return {
    memberId: "console-consumer-766a698e-cd24-438d-adb9-0a21f335b274",
    instanceId: null,
    rackId: null,
    clientId: "console-consumer",
    clientHost: "/127.0.0.1",
    protocol: "classic",
    epoch: 3,
    subscribedTopics: ["orders"],
    subscribedPattern: null,
    assignment: [],
    targetAssignment: [],
    ...different,
  };
}

/** A partition of `orders` that is read to its end and owned by nobody, but for what is given. */
export function lag(different: Partial<GroupLag>): GroupLag {
  return {
    topic: "orders",
    partition: 0,
    committed: 0,
    leaderEpoch: -1,
    metadata: "",
    end: 0,
    records: 0,
    behindMs: 0,
    owner: null,
    ...different,
  };
}
