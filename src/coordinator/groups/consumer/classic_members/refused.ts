/**
 * Answers of the classic protocol that carry a fault, for members of a group of
 * the consumer protocol that are not, or not now, what their command says.
 */
import type {
  Fault,
  GroupReply,
  HeartbeatGroupCommand,
  JoinGroupCommand,
  LeaveGroupCommand,
  SyncGroupCommand,
} from "../../../../model/mod.ts";

/** Commands of the classic protocol. */
export type ClassicCommand = JoinGroupCommand | SyncGroupCommand | HeartbeatGroupCommand | LeaveGroupCommand;

const NO_BYTES = new Uint8Array(0);

/** The answer to `command` that was not done. */
export function classicRefused(command: ClassicCommand, fault: Fault): GroupReply {
  switch (command.kind) {
    case "join_group":
      return joinRefused(command.memberId, fault);
    case "sync_group":
      return { kind: "group_synced", fault, protocolType: null, protocol: null, assignment: NO_BYTES };
    case "heartbeat_group":
      return { kind: "group_heartbeat", fault };
    case "leave_group":
      return { kind: "group_left", fault, members: [] };
  }
}

/** The answer to a JoinGroup that was not done; it may tell a member the id to come back with. */
export function joinRefused(memberId: string, fault: Fault): GroupReply {
  return {
    kind: "group_joined",
    fault,
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: "",
    memberId,
    skipAssignment: false,
    members: [],
  };
}
