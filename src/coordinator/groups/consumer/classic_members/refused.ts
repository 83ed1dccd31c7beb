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
import { joinRefused, syncRefused } from "../../classic/mod.ts";

/** Commands of the classic protocol. */
export type ClassicCommand = JoinGroupCommand | SyncGroupCommand | HeartbeatGroupCommand | LeaveGroupCommand;

/** The answer to `command` that was not done. */
export function classicRefused(command: ClassicCommand, fault: Fault): GroupReply {
  switch (command.kind) {
    case "join_group":
      return joinRefused(fault, command.memberId);
    case "sync_group":
      return syncRefused(fault);
    case "heartbeat_group":
      return { kind: "group_heartbeat", fault };
    case "leave_group":
      return { kind: "group_left", fault, members: [] };
  }
}
