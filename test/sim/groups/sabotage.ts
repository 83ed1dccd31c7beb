/** Coordinators of groups broken on purpose: each breaks one promise, and the oracle must say so. */
import type { Coordinator } from "../../../src/coordinator/mod.ts";
import type { CoordinatorInput, CoordinatorOutput, GroupCommand, Reply } from "../../../src/model/mod.ts";
import { isGroupCommand } from "../../../src/model/mod.ts";
import { liar } from "../sabotage.ts";
import type { Driven } from "./cluster.ts";
import type { GroupSabotage } from "./run.ts";

/** What a broken coordinator does to what goes in and what comes out. */
interface Twist {
  command?(command: GroupCommand): GroupCommand;
  reply?(command: GroupCommand, reply: Reply): Reply | null;
}

/** A coordinator that says something else now and then; a `null` reply is never given. */
function twisted(coordinator: Coordinator, { command: twistCommand, reply: twistReply }: Twist): Driven {
  const asked = new Map<number, GroupCommand>();
  const twistInput = (input: CoordinatorInput): CoordinatorInput => {
    if (input.kind !== "decide" || !isGroupCommand(input.command)) return input;
    asked.set(input.id, input.command);
    return twistCommand === undefined ? input : { ...input, command: twistCommand(input.command) };
  };
  const twistOutput = (output: CoordinatorOutput): CoordinatorOutput[] => {
    const command = output.kind === "decided" ? asked.get(output.id) : undefined;
    if (output.kind !== "decided" || command === undefined || twistReply === undefined) return [output];
    const reply = twistReply(command, output.reply);
    return reply === null ? [] : [{ ...output, reply }];
  };
  return {
    get wakeMs() {
      return coordinator.wakeMs;
    },
    get image() {
      return coordinator.image;
    },
    turn: (inputs, nowMs) => coordinator.turn(inputs.map(twistInput), nowMs).flatMap(twistOutput),
  };
}

/** Takes every report of what a member owns for one that it owns nothing: gives away what is not released. */
function grabbing(coordinator: Coordinator): Driven {
  return twisted(coordinator, {
    command: (command) => {
      const owns = command.kind === "consumer_heartbeat" && command.ownedPartitions !== null;
      return owns ? { ...command, ownedPartitions: [] } : command;
    },
  });
}

/** Takes every commit for one of the member that synced last. */
function trusting(coordinator: Coordinator): Driven {
  const speakers = new Map<string, { memberId: string; generation: number; instanceId: string | null }>();
  return twisted(coordinator, {
    command(command) {
      if (command.kind !== "commit_offsets" || command.memberId === "") return command;
      return { ...command, ...speakers.get(command.group) };
    },
    reply(command, reply) {
      if (command.kind === "sync_group" && reply.kind === "group_synced" && reply.fault === null) {
        const { memberId, generation, instanceId } = command;
        speakers.set(command.group, { memberId, generation, instanceId });
      }
      return reply;
    },
  });
}

/** Acknowledges, now and then, a commit that it drops. */
function forgetful(coordinator: Coordinator): Driven {
  let count = 0;
  return twisted(coordinator, {
    command(command) {
      const isDropped = command.kind === "commit_offsets" && ++count % 10 === 0;
      return isDropped ? { ...command, entries: [] } : command;
    },
    reply(command, reply) {
      if (command.kind !== "commit_offsets" || reply.kind !== "offsets_committed") return reply;
      if (reply.entries.length === command.entries.length) return reply;
      return {
        ...reply,
        entries: command.entries.map(({ topic, partition }) => ({ topic, partition, fault: null })),
      };
    },
  });
}

/** Gives each member of a classic group what the leader meant for all of them together. */
function generous(coordinator: Coordinator): Driven {
  return twisted(coordinator, {
    command(command) {
      if (command.kind !== "sync_group" || command.assignments.length < 2) return command;
      const { assignment } = command.assignments.reduce((most, other) =>
        other.assignment.length > most.assignment.length ? other : most
      );
      return {
        ...command,
        assignments: command.assignments.map(({ memberId }) => ({
          memberId,
          assignment: assignment.slice(),
        })),
      };
    },
  });
}

/** Sends a classic member back to join, now and then, without a reason. */
function restless(coordinator: Coordinator): Driven {
  let count = 0;
  return twisted(coordinator, {
    reply(_, reply) {
      if (reply.kind !== "group_heartbeat" || reply.fault !== null || ++count % 15 !== 0) return reply;
      return { ...reply, fault: { code: "UNKNOWN_MEMBER_ID", message: "Nobody knows you" } };
    },
  });
}

/** Never wakes: whoever is silent stays in the group for ever. */
function sleepy(coordinator: Coordinator): Driven {
  return {
    wakeMs: Number.MAX_SAFE_INTEGER,
    get image() {
      return coordinator.image;
    },
    turn: (inputs, nowMs) => inputs.length === 0 ? [] : coordinator.turn(inputs, Math.min(nowMs, 0)),
  };
}

/** Answers one sync in ten not at all. */
function mute(coordinator: Coordinator): Driven {
  return twisted(coordinator, {
    reply: (_, reply) =>
      reply.kind === "group_synced" && reply.protocol === "cooperative-sticky" ? null : reply,
  });
}

/** Answers now and then twice. */
function stuttering(coordinator: Coordinator): Driven {
  let count = 0;
  const driven = twisted(coordinator, {});
  return {
    get wakeMs() {
      return driven.wakeMs;
    },
    get image() {
      return driven.image;
    },
    turn: (inputs, nowMs) =>
      driven.turn(inputs, nowMs).flatMap((output) => {
        return output.kind === "decided" && ++count % 50 === 0 ? [output, output] : [output];
      }),
  };
}

/** Tells a member of the new protocol an epoch that its group has not reached. */
function hasty(coordinator: Coordinator): Driven {
  return twisted(coordinator, {
    reply(_, reply) {
      if (reply.kind !== "groups_described") return reply;
      const groups = reply.groups.map((group) =>
        group.type === "Consumer" ? { ...group, groupEpoch: 100 - group.groupEpoch } : group
      );
      return { ...reply, groups };
    },
  });
}

/** A coordinator that breaks one promise, and the words the oracle has for it. */
export interface BrokenGroups extends GroupSabotage {
  readonly complaint: RegExp;
}

/** By what is broken. */
export const GROUP_SABOTAGES: Readonly<Record<string, BrokenGroups>> = {
  "a coordinator that forgets to flush": {
    disk: liar,
    mishaps: ["power"],
    complaint:
      /is read after a start, committed was|After a start a group is|is owned .*twice|goes back from/,
  },
  "a partition handed out before it is released": {
    coordinator: grabbing,
    mishaps: [],
    complaint: /is owned twice/,
  },
  "a stale commit that is taken": {
    coordinator: trusting,
    mishaps: ["pause member"],
    complaint: /goes back from \d+ to \d+ by member/,
  },
  "a commit that is acknowledged and not done": {
    coordinator: forgetful,
    mishaps: [],
    complaint: /is fetched, committed was|offsets of .* are fetched|is read after a start|goes back/,
  },
  "an assignment that every member gets": {
    coordinator: generous,
    mishaps: [],
    complaint: /is assigned twice|is owned in generation \d+ twice/,
  },
  "members sent away for no reason": { coordinator: restless, mishaps: [], complaint: /do not rest/ },
  "a coordinator that never wakes": {
    coordinator: sleepy,
    mishaps: ["crash member"],
    complaint:
      /lists \d+ members|is "(PreparingRebalance|Empty|Dead|Reconciling)"|does not list|is not settled/,
  },
  "an answer that never comes": {
    coordinator: mute,
    mishaps: [],
    complaint: /s after all became calm|has no answer/,
  },
  "an answer that comes twice": {
    coordinator: stuttering,
    mishaps: [],
    complaint: /is answered twice/,
  },
  "an epoch that goes back": { coordinator: hasty, mishaps: [], complaint: /goes back from|at epoch/ },
};
