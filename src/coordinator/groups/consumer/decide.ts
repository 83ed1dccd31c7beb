/** Decides the commands of members of a group of the consumer protocol. Called by the groups' dispatcher. */
import { assert, type ConsumerHeartbeatCommand, type JoinGroupCommand } from "../../../model/mod.ts";
import { type ClassicGroup, decideClassic } from "../classic/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { joinAsClassic } from "./classic_members/join.ts";
import { leaveClassic } from "./classic_members/leave.ts";
import type { ClassicCommand } from "./classic_members/refused.ts";
import { heartbeatClassic, syncClassic } from "./classic_members/report.ts";
import { strikeOut } from "./downgrade.ts";
import type { ConsumerGroup } from "./group.ts";
import { decideHeartbeat } from "./heartbeat.ts";
import { Step } from "./step.ts";

/** What becomes of `group`, `null` when there is none, by the command that came under `id`. */
export function decideConsumer(
  group: ConsumerGroup | null,
  id: number,
  command: ConsumerHeartbeatCommand | ClassicCommand,
  context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  if (command.kind === "consumer_heartbeat") return decideHeartbeat(group, id, command, context);
  assert(group !== null, "a group that is not there is classic to classic members");
  const step = new Step(group, context);
  switch (command.kind) {
    case "join_group":
      return group.members.size === 0 ? beginClassic(step, id, command) : joinAsClassic(step, id, command);
    case "sync_group":
      syncClassic(step, id, command);
      break;
    case "heartbeat_group":
      heartbeatClassic(step, id, command);
      break;
    case "leave_group":
      leaveClassic(step, id, command);
  }
  return step.outcome();
}

/** A classic member comes to a group without members: the group becomes a classic one. */
function beginClassic(
  step: Step,
  id: number,
  command: JoinGroupCommand,
): Outcome<ConsumerGroup | ClassicGroup> {
  const begun = decideClassic(null, id, command, step.context);
  if (begun.group === null) return { ...begun, group: step.draft.finish() };
  strikeOut(step);
  return {
    ...begun,
    records: [...step.records, ...begun.records],
    timers: [...step.timers(), ...begun.timers],
  };
}
