/** Decides the commands of members of a group of the consumer protocol. Called by the groups' dispatcher. */
import { type ConsumerHeartbeatCommand, fault } from "../../../model/mod.ts";
import type { ClassicGroup } from "../classic/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { type ClassicCommand, classicRefused } from "./classic_refused.ts";
import type { ConsumerGroup } from "./group.ts";
import { decideHeartbeat } from "./heartbeat.ts";
import { heartbeatRefused } from "./step.ts";

/** What becomes of `group`, `null` when there is none, by the command that came under `id`. */
export function decideConsumer(
  group: ConsumerGroup | null,
  id: number,
  command: ConsumerHeartbeatCommand | ClassicCommand,
  context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  if (command.kind === "consumer_heartbeat") return decideHeartbeat(group, id, command, context);
  const words =
    `Group "${command.group}" is of the consumer protocol, members of the classic one cannot join it`;
  const code = command.kind === "join_group" ? "INCONSISTENT_GROUP_PROTOCOL" : "UNKNOWN_MEMBER_ID";
  return {
    group,
    records: [],
    answers: [{ id, reply: classicRefused(command, fault(code, words)) }],
    timers: [],
  };
}

/** A member of the consumer protocol knocks at a classic group. */
export function upgradeClassic(
  group: ClassicGroup,
  id: number,
  command: ConsumerHeartbeatCommand,
  _context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  const refused = fault("GROUP_ID_NOT_FOUND", `Group "${command.group}" is not of the consumer protocol`);
  return {
    group,
    records: [],
    answers: [{ id, reply: heartbeatRefused(command.memberId, refused) }],
    timers: [],
  };
}
