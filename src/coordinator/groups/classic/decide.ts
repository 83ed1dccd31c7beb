/**
 * Decides the commands of the classic protocol. Without a group JoinGroup makes one;
 * the others are told that they are no members. Called by the groups' dispatcher.
 */
import type {
  HeartbeatGroupCommand,
  JoinGroupCommand,
  LeaveGroupCommand,
  SyncGroupCommand,
} from "../../../model/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import type { ClassicGroup } from "./group.ts";
import { decideHeartbeat } from "./heartbeat.ts";
import { decideJoin } from "./join.ts";
import { decideLeave } from "./leave.ts";
import { decideSync } from "./sync.ts";

/** What becomes of `group`, `null` when there is none, by the command that came under `id`. */
export function decideClassic(
  group: ClassicGroup | null,
  id: number,
  command: JoinGroupCommand | SyncGroupCommand | HeartbeatGroupCommand | LeaveGroupCommand,
  context: GroupContext,
): Outcome<ClassicGroup> {
  switch (command.kind) {
    case "join_group":
      return decideJoin(group, id, command, context);
    case "sync_group":
      return decideSync(group, id, command, context);
    case "heartbeat_group":
      return decideHeartbeat(group, id, command, context);
    case "leave_group":
      return decideLeave(group, id, command, context);
  }
}
