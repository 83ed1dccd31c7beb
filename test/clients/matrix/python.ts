/**
 * The two Python clients in the matrix. Each is a program beside this file, run with
 * Debian's Python, which takes one JSON request a line and answers each with one
 * line: `{"done": ...}` or `{"failed": "words"}`. Bytes travel as base64.
 */
import { type ClientSession, type FoundRecord, type MatrixClient, type MatrixRecord } from "./client.ts";
import { CODEC_NAMES } from "../../../src/record/mod.ts";
import { Program, PYTHON } from "./python_program.ts";

export const KAFKA_PYTHON: MatrixClient = await clientOf("python3-kafka", "kafka_python.py", {
  idempotence: "not in kafka-python 2.0",
  "delete records": "not in kafka-python 2.0",
});
export const CONFLUENT: MatrixClient = await clientOf("python3-confluent-kafka", "confluent.py", {
  "delete records": "not in confluent-kafka 1.7",
});

interface Probe {
  readonly version: string;
  readonly codecs: readonly string[];
}

async function clientOf(
  name: string,
  program: string,
  lacks: MatrixClient["lacks"],
): Promise<MatrixClient> {
  const open = (broker: string) => Promise.resolve(sessionOf(new Program(program, broker)));
  const probed = await probe(program);
  if (probed === null) {
    const missing = `${name} is not installed for ${PYTHON} (Debian: apt-get install ${name})`;
    return { name, lacks, found: { missing }, open };
  }
  const codecs = CODEC_NAMES.filter((codec) => !probed.codecs.includes(codec)).map((codec) => {
    return [codec, `its library for ${codec} is not installed`] as const;
  });
  return {
    name,
    lacks: { ...lacks, ...Object.fromEntries(codecs) },
    found: { version: probed.version },
    open,
  };
}

async function probe(program: string): Promise<Probe | null> {
  let found: Program | null = null;
  try {
    found = new Program(program, "");
    return await found.ask("probe", {}) as Probe;
  } catch {
    return null;
  } finally {
    await found?.end();
  }
}

/** A record in JSON. */
interface PlainRecord extends Omit<FoundRecord, "key" | "value" | "headers"> {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

function sessionOf(program: Program): ClientSession {
  const tell = async (operation: string, fields: Record<string, unknown>) => {
    await program.ask(operation, fields);
  };
  return {
    createTopic: (topic, partitions, settings) => tell("create", { topic, partitions, settings }),
    produce: (topic, records, { acks, codec, isIdempotent }) =>
      tell("produce", { topic, acks, codec, idempotent: isIdempotent, records: records.map(plainOf) }),
    async fetch(topic, partition, from, count) {
      const start = typeof from === "object" ? from : { at: from };
      const found = await program.ask("fetch", { topic, partition, start, count });
      return (found as PlainRecord[]).map(foundOf);
    },
    describe: async (topic) => await program.ask("describe", { topic }) as Record<string, string | null>,
    alter: (topic, settings) => tell("alter", { topic, settings }),
    deleteRecords: (topic, partition, before) => tell("delete_records", { topic, partition, before }),
    deleteTopic: (topic) => tell("delete", { topic }),
    close: () => program.end(),
  };
}

function plainOf({ partition, timestamp, key, value, headers }: MatrixRecord): Omit<PlainRecord, "offset"> {
  return {
    partition,
    timestamp,
    key: key?.toBase64() ?? null,
    value: value?.toBase64() ?? null,
    headers: headers.map(([name, bytes]) => [name, bytes.toBase64()]),
  };
}

function foundOf({ key, value, headers, ...rest }: PlainRecord): FoundRecord {
  return {
    ...rest,
    key: key === null ? null : Uint8Array.fromBase64(key),
    value: value === null ? null : Uint8Array.fromBase64(value),
    headers: headers.map(([name, bytes]) => [name, Uint8Array.fromBase64(bytes)]),
  };
}
