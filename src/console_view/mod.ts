/**
 * The HTTP door's view of the broker (`ConsoleView`), made of the real parts:
 * commands go to the router as any client's, segments are asked of the workers,
 * records are decoded and built here. Loaded with the first HTTP request, not
 * before. Nothing here throws; what failed comes as a fault.
 */
import type {
  BrokerIdentity,
  ConnectionView,
  ConsoleView,
  MetricFamily,
  SegmentView,
} from "../console/mod.ts";
import { type Clock, systemRandom } from "../host/mod.ts";
import type { Outbox } from "../mailbox/mod.ts";
import {
  type Command,
  type Fault,
  fault,
  type GroupDescription,
  GROUPS_PER_COMMAND_MAX,
  type Image,
  type Reply,
  type Submit,
} from "../model/mod.ts";
import { readRecords } from "./read.ts";
import { Unfolded } from "./unfolded.ts";
import { writeRecords } from "./write.ts";

/** What the view is made of. */
export interface ViewParts {
  identity(): BrokerIdentity;
  readonly clock: Clock;
  readonly submit: Submit;
  isReady(): boolean;
  image(): Image;
  /** Where a partition's log is; `undefined` when it was never opened. */
  place(
    topic: string,
    partition: number,
  ): { readonly handle: number; readonly outbox: Outbox; readonly fault: Fault | null } | undefined;
  connections(): readonly ConnectionView[];
  metrics(): Promise<readonly MetricFamily[]>;
}

/** The view. */
export function makeConsoleView(parts: ViewParts): ConsoleView {
  const ask = (command: Command) => new Promise<Reply>((resolve) => parts.submit(command, resolve));
  const ports = {
    topic: (name: string) => parts.image().topics.get(name),
    nowMs: () => parts.clock.now(),
    fraction: () => systemRandom.fraction(),
    ask,
  };
  const reading = { ask, clock: parts.clock, unfolded: new Unfolded(parts.clock) };
  return {
    get identity() {
      return parts.identity();
    },
    isReady: () => parts.isReady(),
    image: () => parts.image(),
    nowMs: () => parts.clock.now(),
    ask,
    segments: (topic, partition) => describeSegments(parts, topic, partition),
    connections: () => parts.connections(),
    groups: () => describeGroups(ask),
    read: (query, signal) => readRecords(reading, query, signal),
    write: (topic, records) => writeRecords(ports, topic, records),
    settings: () => describeSettings(ask),
    metrics: () => parts.metrics(),
  };
}

type Ask = ConsoleView["ask"];

function describeSegments(
  parts: ViewParts,
  topic: string,
  partition: number,
): Promise<readonly SegmentView[] | Fault> {
  const place = parts.place(topic, partition);
  if (place === undefined) {
    const words = `There is no partition "${partition}" of a topic "${topic}"`;
    return Promise.resolve(fault("UNKNOWN_TOPIC_OR_PARTITION", words));
  }
  const { handle, outbox, fault: failed } = place;
  if (failed !== null) return Promise.resolve(failed);
  return new Promise((resolve) => {
    outbox.ask({ kind: "describe_segments", handle }, {
      receive: (output) => {
        if (output.kind === "segments_described") resolve(output.fault ?? output.segments);
      },
      fail: resolve,
    });
  });
}

/** Every group; one that went meanwhile is left out. */
async function describeGroups(ask: Ask): Promise<readonly GroupDescription[]> {
  const listed = await ask({ kind: "list_groups", states: [], types: [] });
  if (listed.kind !== "groups_listed") return [];
  const names = listed.groups.map(({ group }) => group);
  const described: GroupDescription[] = [];
  for (let first = 0; first < names.length; first += GROUPS_PER_COMMAND_MAX) {
    const groups = names.slice(first, first + GROUPS_PER_COMMAND_MAX);
    const reply = await ask({ kind: "describe_groups", groups });
    if (reply.kind === "groups_described") described.push(...reply.groups);
  }
  return described.filter(({ fault }) => fault === null);
}

async function describeSettings(ask: Ask) {
  const reply = await ask({ kind: "describe_settings", resources: [{ kind: "broker" }] });
  return reply.kind === "settings_described" ? reply.resources[0]?.settings ?? [] : [];
}
