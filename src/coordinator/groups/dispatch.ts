/**
 * Which machine decides a command of members: it must fit the protocol that the
 * group speaks, or change it. Pure; called by `groups.ts`.
 */
import type {
  ConsumerHeartbeatCommand,
  HeartbeatGroupCommand,
  JoinGroupCommand,
  LeaveGroupCommand,
  SyncGroupCommand,
} from "../../model/mod.ts";
import { decideClassic } from "./classic/mod.ts";
import { decideConsumer, upgradeClassic } from "./consumer/mod.ts";
import type { Group } from "./group.ts";
import type { GroupContext, Outcome } from "./outcome.ts";

/** What members say. */
export type MemberCommand =
  | JoinGroupCommand
  | SyncGroupCommand
  | HeartbeatGroupCommand
  | LeaveGroupCommand
  | ConsumerHeartbeatCommand;

/** Decides one command that came under `id`; `group` is `null` when there is none of that name. */
export function decideMember(
  group: Group | null,
  id: number,
  command: MemberCommand,
  context: GroupContext,
): Outcome<Group> {
  if (group?.type === "consumer") return decideConsumer(group, id, command, context);
  if (command.kind !== "consumer_heartbeat") return decideClassic(group, id, command, context);
  return group === null
    ? decideConsumer(null, id, command, context)
    : upgradeClassic(group, id, command, context);
}
