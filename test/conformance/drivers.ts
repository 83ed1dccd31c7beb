/**
 * Three ways to one broker: in its own process without a door, through the native
 * door, through the Kafka door. Each takes a command of the model and gives what
 * came of it in the same few words, so that one case serves all.
 */
import { Connection } from "../../src/client/connection.ts";
import { startBroker } from "../../src/compose.ts";
import { resolveBrokerSettings } from "../../src/config/mod.ts";
import { silentLogger } from "../../src/host/mod.ts";
import type { Command, Reply, Submit } from "../../src/model/mod.ts";
import { askKafka } from "./kafka_driver.ts";
import { KafkaWire } from "./wire.ts";

export type DriverName = "in process" | "native" | "kafka";

/** One line per entry or topic of the command: its fault's code, and what there is to know. */
export interface Line {
  readonly fault: string | null;
  readonly [field: string]: unknown;
}

type Ask = (command: Command) => Promise<readonly Line[]>;

/** A broker in memory and the three ways to it. */
export interface Ways extends AsyncDisposable {
  readonly ask: Readonly<Record<DriverName, Ask>>;
  readonly kafka: string;
}

export async function openWays(settings: Readonly<Record<string, string>> = {}): Promise<Ways> {
  const resolved = resolveBrokerSettings({
    assignments: Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    flags: { "kafka.listener": "127.0.0.1:0", "native.listener": "127.0.0.1:0", "http.listener": "off" },
  });
  if (resolved.kind === "setting_error") throw new Error(resolved.message);
  const broker = await startBroker({ settings: resolved.settings, memory: true, logger: silentLogger });
  const { kafka, native } = broker.addresses;
  const address = `127.0.0.1:${kafka!.port}`;
  const connection = new Connection({
    host: "127.0.0.1",
    port: native!.port,
    clientId: "conformance",
    connectTimeoutMs: 5_000,
    requestTimeoutMs: 20_000,
    retryBackoffMs: 10,
    retryBackoffMsMax: 10,
  });
  const wire = await KafkaWire.open(address);
  return {
    kafka: address,
    ask: {
      "in process": (command) => askHere(broker.submit, command),
      native: (command) => askNative(connection, command),
      kafka: (command) => askKafka(wire, command),
    },
    async [Symbol.asyncDispose]() {
      wire.close();
      connection.close();
      await broker.stop();
    },
  };
}

async function askHere(submit: Submit, command: Command): Promise<readonly Line[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Line[]>();
  submit(command, (reply) => {
    const lines = linesOf(reply);
    if (reply.kind === "fetched") reply.lease?.release();
    resolve(lines);
  });
  return await promise;
}

function linesOf(reply: Reply): Line[] {
  if (reply.kind === "failed") throw new Error(reply.fault.message);
  return partsOf(reply).map((part) => {
    const { fault, records, ...rest } = part as Record<string, unknown>;
    const code = (fault as { readonly code: string } | null)?.code ?? null;
    return { ...rest, fault: code, ...(records instanceof Uint8Array ? { records: records.slice() } : {}) };
  });
}

function partsOf(reply: Reply): readonly object[] {
  if ("entries" in reply) return reply.entries;
  if ("topics" in reply) return reply.topics;
  if (reply.kind === "offsets_fetched") return reply.groups.flatMap(({ entries }) => entries);
  return ["fault" in reply ? reply : { ...reply, fault: null }];
}

/** The native words for what differs from the model's. */
async function askNative(connection: Connection, command: Command): Promise<readonly Line[]> {
  const { kind, ...body } = nativeBody(command);
  // The cases' commands have the shape of the native door's requests.
  const ask = connection.request.bind(connection) as unknown as (
    kind: string,
    body: unknown,
  ) => Promise<Record<string, Record<string, unknown>[]>>;
  const reply = await ask(kind, body);
  return (reply.entries ?? reply.topics)!.map(({ e, epoch, records, ...rest }) => ({
    ...rest,
    fault: (e as { readonly code: string } | undefined)?.code ?? null,
    ...(epoch === undefined ? {} : { leaderEpoch: epoch }),
    ...(records instanceof Uint8Array ? { records: records.slice() } : {}),
  }));
}

function nativeBody(command: Command): { kind: string; [field: string]: unknown } {
  if (command.kind === "metadata") return { ...command, create: command.autoCreate };
  if (command.kind === "fetch") {
    const entries = command.entries.map(({ currentLeaderEpoch, ...rest }) => ({
      ...rest,
      epoch: currentLeaderEpoch,
    }));
    return { ...command, entries };
  }
  if (command.kind === "commit_offsets") {
    const { kind, group, memberId, generation, entries } = command;
    return { kind, group, member: memberId, epoch: generation, entries };
  }
  if (command.kind === "fetch_offsets") {
    const [{ group, entries }] = command.groups as [typeof command.groups[number]];
    return { kind: "committed_offsets", group, entries };
  }
  if (command.kind !== "trim") return { ...command };
  const entries = command.entries.map(({ beforeOffset, ...entry }) => ({ ...entry, before: beforeOffset }));
  return { kind: "trim", entries };
}
