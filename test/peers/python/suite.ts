/** kafka-python and confluent-kafka from PyPI, at the versions of requirements.txt, in an environment of their own. */
import assert from "node:assert/strict";
import { cacheDirectory, fillOnce } from "../cache.ts";
import type { Case, Field, Suite } from "../cases.ts";
import { isInstalled, run } from "../process.ts";

const FOLDER = new URL(".", import.meta.url).pathname;

async function prepare(): Promise<string | null> {
  if (!await isInstalled("python3", ["-c", "import venv"])) {
    return "Python with its venv module is not installed";
  }
  const directory = await cacheDirectory("python");
  const requirements = `${FOLDER}requirements.txt`;
  return await fillOnce(directory, await Deno.readTextFile(requirements), async () => {
    const made = await run("python3", ["-m", "venv", "--clear", `${directory}/venv`]);
    if (made.code !== 0) return `Python could not make an environment: ${made.stderr.trim()}`;
    const install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r", requirements];
    const installed = await run(`${directory}/venv/bin/python`, install, { timeoutMs: 300_000 });
    return installed.code === 0 ? null : "The clients could not be fetched from PyPI";
  });
}

async function python(program: string, words: readonly string[]): Promise<string[]> {
  const directory = await cacheDirectory("python");
  const ended = await run(`${directory}/venv/bin/python`, [FOLDER + program, ...words]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  return ended.stdout.trimEnd().split("\n");
}

/** What both tutorials must read back, in the order of the orders. */
const ORDERS = Array.from({ length: 10 }, (_, number) => {
  const amount = `${(number * 1.5).toFixed(1)}`;
  return `key=user_${number % 3} value={"order": ${number}, "amount": ${amount}}`;
});

/** Runs a tutorial on a topic nobody made before: the broker makes it, as Kafka does. */
async function follow(field: Field, program: string, topic: string): Promise<void> {
  const lines = await python(program, [field.server.address, topic]);
  const offsets = lines.map((line) => line.split(": ")[0]);
  assert.deepEqual(offsets, ORDERS.map((_, offset) => `${topic}:0:${offset}`), lines.join("\n"));
  assert.deepEqual(lines.map((line) => line.slice(line.indexOf(": ") + 2)), ORDERS);
}

async function every(field: Field, program: string, parts: readonly string[]): Promise<void> {
  assert.deepEqual(await python(program, [field.server.address]), parts);
}

/**
 * Runs a tutorial's consumer in a group on ten orders: the first six by one process, the rest by another, which
 * goes on behind what the first committed when it closed.
 */
async function followInGroup(
  field: Field,
  program: string,
  topic: string,
  more: readonly string[] = [],
): Promise<void> {
  await python("tutorial_kafka_python.py", [field.server.address, topic]);
  const read = async (count: number) => {
    const lines = await python(program, [field.server.address, topic, String(count), ...more]);
    return lines.map((line) => line.split(": ")[0]);
  };
  const places = ORDERS.map((_, offset) => `${topic}:0:${offset}`);
  assert.deepEqual(await read(6), places.slice(0, 6));
  assert.deepEqual(await read(4), places.slice(6));
}

/** On a broker whose sessions are short. Apache Kafka allows that only where its lowest bounds are lower, too. */
async function survives(field: Field): Promise<void> {
  const [session, heartbeat] = ["group.consumer.session.timeout.ms", "group.consumer.heartbeat.interval.ms"];
  const settings = { [session]: "6000", [heartbeat]: "1000" };
  const bounds = {
    "group.consumer.min.session.timeout.ms": "6000",
    "group.consumer.min.heartbeat.interval.ms": "1000",
  };
  const server = await field.start({
    settings: field.server.kind === "kafka" ? { ...settings, ...bounds } : settings,
  });
  try {
    const said = await python("group_kill.py", [server.address, "py-kill"]);
    assert.deepEqual(said, ["2 partitions moved, nothing lost"]);
  } finally {
    await server.stop();
  }
}

const PARTS = ["codecs", "large", "times", "administration"];

const CASES: readonly Case[] = [
  {
    name: "kafka-python's tutorial: JSON values, keys, from the earliest",
    run: (field) => follow(field, "tutorial_kafka_python.py", "py-orders"),
  },
  {
    name: "confluent-kafka's tutorial: delivery reports, assign, from the beginning",
    run: (field) => follow(field, "tutorial_confluent.py", "conf-orders"),
  },
  {
    name: "kafka-python carries every codec, acks, header and null, and administers",
    run: (field) => every(field, "kafka_python_client.py", PARTS),
  },
  {
    name: "confluent-kafka carries every codec, acks, header and null, and administers",
    run: (field) =>
      every(field, "confluent_client.py", ["codecs", "large", "many", "times", "administration"]),
  },
  {
    name: "kafka-python's tutorial in a group goes on where it left off",
    run: (field) => followInGroup(field, "tutorial_group_kafka_python.py", "py-group-orders"),
  },
  ...["classic", "consumer"].map((protocol) => ({
    name: `confluent-kafka's tutorial in a group goes on where it left off, ${protocol} protocol`,
    run: (field: Field) => {
      return followInGroup(field, "tutorial_group_confluent.py", `conf-group-${protocol}`, [protocol]);
    },
  })),
  {
    name: "members cooperate, are static, speak the new protocol and subscribe by pattern; admins see them",
    run: (field) =>
      every(field, "group_clients.py", [
        "cooperative",
        "static",
        "new_protocol",
        "regular_expression",
        "administration",
      ]),
  },
  { name: "a killed member of the new protocol loses its partitions, and nothing else", run: survives },
];

export const PYTHON: Suite = { name: "python", prepare, cases: CASES };
