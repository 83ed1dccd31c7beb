/**
 * Data directories that change hands between Apache Kafka and Weir, as they lie on the disk: stopped or killed with
 * SIGKILL, taken over and given back. Before and after, everything the broker has is read by the same program,
 * Exchange.java, and must be the same: records, offsets, settings, topic ids, committed offsets, producers.
 */
import assert from "node:assert/strict";
import { type Case, type Field, Skip } from "../cases.ts";
import { run } from "../process.ts";
import { type Kind, type Server, type ServerOptions, startServer } from "../servers.ts";
import { dumpsAsServed } from "./cleaned.ts";
import { compile, java } from "./jars.ts";

const PROGRAM = new URL("Exchange.java", import.meta.url).pathname;

/** What Kafka's upkeep waits for as it comes does not take a minute. */
const KAFKA_SETTINGS = {
  "log.cleaner.backoff.ms": "100",
  "log.retention.check.interval.ms": "300",
  "log.initial.task.delay.ms": "100",
  "offsets.topic.num.partitions": "20",
  "transaction.state.log.num.partitions": "3",
  "group.initial.rebalance.delay.ms": "0",
  // Kafka forgets a log start that it was killed with, until this is written.
  "log.flush.start.offset.checkpoint.interval.ms": "200",
};
/** Nothing changes while it is looked at. */
const STILL = { "log.cleaner.enable": "false" };
const CLEANING = { "log.cleaner.backoff.ms": "100", "log.retention.check.interval.ms": "300" };

/** Where the program lies, once it is compiled: it runs a dozen times. */
let classes: string | null = null;

/** Runs the program's words on a broker; gives what it printed. */
async function exchange(server: Server, ...words: string[]): Promise<string> {
  classes ??= await compile(
    PROGRAM,
    await Deno.makeTempDir({ dir: server.data.slice(0, server.data.lastIndexOf("/")) }),
  );
  const ended = await java("Exchange", [server.address, ...words], { classes });
  assert.equal(ended.code, 0, `${words.join(" ")} on ${server.kind}: ${ended.stderr.slice(-2000)}`);
  return ended.stdout;
}

/** Starts a broker on a data directory that is there and gives it to `use`; what Kafka warned of its files fails. */
async function opened<Result>(
  kind: Kind,
  data: string,
  options: ServerOptions,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  const directory = await Deno.makeTempDir({ dir: data.slice(0, data.lastIndexOf("/")) });
  const server = await startServer(kind, directory, { ...options, data });
  try {
    return await use(server);
  } finally {
    await server.stop();
    if (kind === "kafka") await checkWords(`${directory}/server.log`);
  }
}

/** What of Kafka reads the files: its logs, the metadata, the quorum. */
const OF_FILES =
  /\((kafka\.log|org\.apache\.kafka\.(storage|image|raft|snapshot|metadata|server\.fault))\.[^)]*\)$/;
/** What it warns of whoever wrote them. */
const USUAL = [
  /Epoch from quorum store file .* smaller than last written epoch/,
  /The config `log.cleaner.enable` is deprecated/,
  // The checkpoint of who was killed is older than the log start.
  /Non-monotonic update of high watermark/,
  // Of a segment that Weir cleaned away: Weir has no such files, and leaves Kafka's alone.
  /Found an orphaned index file \S+\.txnindex/,
];

async function checkWords(path: string): Promise<void> {
  const lines = (await Deno.readTextFile(path)).split("\n")
    .filter((line) => /^\[[^\]]*\] (WARN|ERROR|FATAL) /.test(line) && OF_FILES.test(line));
  const unusual = lines.filter((line) => !USUAL.some((words) => words.test(line)));
  assert.deepEqual(unusual, [], `Kafka warned in ${path}`);
}

async function copy(from: string, to: string): Promise<string> {
  const copied = await run("cp", ["-a", from, to]);
  assert.equal(copied.code, 0, copied.stderr);
  return to;
}

function needsBoth(field: Field): void {
  if (field.server.kind === "kafka") throw new Skip("it takes Weir and Kafka, whatever --against says");
}

/** Lines that differ, a few of them. */
function same(found: string, wanted: string, where: string): void {
  if (found === wanted) return;
  const [ours, theirs] = [found.split("\n"), wanted.split("\n")];
  const [more, less] = [new Set(ours).difference(new Set(theirs)), new Set(theirs).difference(new Set(ours))];
  const shown = [...[...more].map((line) => `+ ${line}`), ...[...less].map((line) => `- ${line}`)];
  assert.fail(
    `${where}: ${shown.length} lines differ\n${
      shown.slice(0, 12).map((line) => line.slice(0, 160)).join("\n")
    }`,
  );
}

const CLEANED = ["compacted-0/", "compacted-1/"];

/** Log files of topics that are cleaned or trimmed, with their sizes. */
function upkept(data: string): string[] {
  return [...Deno.readDirSync(data)].filter(({ name }) => /^(compacted|balances|retained)-\d$/.test(name))
    .flatMap(({ name }) => [...Deno.readDirSync(`${data}/${name}`)].map((file) => `${name}/${file.name}`))
    .filter((name) => name.endsWith(".log")).sort()
    .map((name) => `${name} ${sizeOf(`${data}/${name}`)}`);
}

/** −1 where it was just taken away. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return -1;
  }
}

/** Waits until logs were cleaned, which leaves two segments of each, and nothing more happens to them. */
async function settled(data: string): Promise<void> {
  let still = 0;
  let before: string[] = [];
  for (let waited = 0; still < 5; waited++) {
    assert.ok(waited < 100, `the upkeep of ${data} does not end: ${before.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = upkept(data);
    const isCleaned = CLEANED.every((name) => now.filter((line) => line.startsWith(name)).length <= 2);
    still = isCleaned && now.join() === before.join() ? still + 1 : 0;
    before = now;
  }
}

async function kafkaToWeirAndBack(field: Field): Promise<void> {
  needsBoth(field);
  const root = await Deno.makeTempDir({ dir: field.directory });
  const first = await startServer("kafka", root, { settings: KAFKA_SETTINGS });
  const { data } = first;
  let wanted: string;
  let committed: string;
  try {
    await exchange(first, "fill", "transactions");
    await settled(data);
    wanted = await exchange(first, "tell");
    committed = await exchange(first, "tell-committed");
  } finally {
    await first.kill();
  }
  const killed = await copy(data, `${root}/killed`);
  const options = { settings: { ...KAFKA_SETTINGS, ...STILL } };
  // Kafka itself comes back from that, and stops.
  await opened("kafka", data, options, () => Promise.resolve());
  for (const directory of [killed, data]) {
    const said: string[] = [];
    const weir = { settings: STILL, hear: (text: string) => said.push(text) };
    await opened("weir", directory, weir, async (server) => {
      const [found, known] = [await exchange(server, "tell"), wanted].map(asReadAgain);
      same(found!, known!, `Weir on ${directory}`);
    });
    checkTakeover(said.join("\n"));
  }
  const written = await goesOnAndCleans(data, committed);
  await opened("kafka", data, options, async (server) => {
    same(await exchange(server, "tell"), written, "Kafka on what Weir went on with");
    const [found, known] = [await exchange(server, "tell-committed"), committed].map(ledger);
    same(found!, known!, "committed records");
  });
}

/** Weir's now, as after any stop: nothing is said, it goes on, and cleans. Gives what it told in the end. */
async function goesOnAndCleans(data: string, committed: string): Promise<string> {
  const hear = (text: string) => assert.doesNotMatch(text, /Took over|-stray/);
  const told = await opened("weir", data, { settings: CLEANING, hear }, async (server) => {
    await exchange(server, "write");
    await settled(data);
    return await exchange(server, "tell");
  });
  for (const partition of ["compacted-0", "compacted-1", "balances-0"]) {
    await dumpsAsServed(data, partition, told);
  }
  for (const topic of ["compacted", "balances"]) {
    assert.deepEqual(latestOf(told, topic), latestOf(committed, topic), `what is left of ${topic}`);
  }
  return told;
}

/**
 * Without the times of producers' last batches in compacted logs: whoever reads them from the log again finds
 * the largest time of the records that are left, a broker that was there when they came knows of the others.
 */
function asReadAgain(told: string): string {
  return told.replaceAll(/^(producer (?:compacted|balances)-.*) \d+$/gm, "$1");
}

/** Records of transactions that were committed, as Kafka wrote them. */
function ledger(told: string): string {
  return recordsOf(told).filter((line) => line.startsWith("record ledger-") && !line.includes(WRITTEN)).join(
    "\n",
  );
}

/** The last value of each key that has one, of those that Kafka wrote. */
function latestOf(told: string, topic: string): ReadonlyMap<string, string> {
  const latest = new Map<string, string>();
  for (const line of recordsOf(told).filter((line) => line.startsWith(`record ${topic}-`))) {
    const [, partition, , , , , , key, value] = line.split(" ");
    if (value === "null") latest.delete(`${partition} ${key}`);
    else if (key !== WRITTEN) latest.set(`${partition} ${key}`, value!);
  }
  return new Map([...latest].sort());
}

/** "written" in hexadecimal. */
const WRITTEN = "'7772697474656e'";

function recordsOf(told: string): string[] {
  return told.split("\n").filter((line) => line.startsWith("record "));
}

function checkTakeover(said: string): void {
  assert.match(said, /Took over the data directory ".*" of Apache Kafka: \d+ topics with \d+ partitions/);
  assert.match(said, /Left out "log\.cleaner\.io\.buffer\.load\.factor" of the broker/);
  assert.match(said, /Weir has no transactions yet: .*"balances-0", "ledger-0", "ledger-1", too/);
  assert.doesNotMatch(said, /-stray|not served|records are missing/);
}

async function weirToKafkaAndBack(field: Field): Promise<void> {
  needsBoth(field);
  const root = await Deno.makeTempDir({ dir: field.directory });
  const first = await startServer("weir", root, { settings: CLEANING });
  const { data } = first;
  let wanted: string;
  try {
    await exchange(first, "fill");
    await settled(data);
    wanted = await exchange(first, "tell");
  } finally {
    await first.kill();
  }
  const killed = await copy(data, `${root}/killed`);
  await opened("weir", data, { settings: STILL }, () => Promise.resolve());
  for (const partition of ["compacted-0", "compacted-1"]) await dumpsAsServed(data, partition, wanted);
  const still = { settings: { ...KAFKA_SETTINGS, ...STILL } };
  await opened("kafka", killed, still, async (server) => {
    // A log that Kafka recovers from below its start forgets who wrote only there.
    const [found, known] = [await exchange(server, "tell"), wanted].map((told) =>
      asReadAgain(told).replaceAll(/^producer trimmed.*\n/gm, "")
    );
    same(found!, known!, "Kafka on what a killed Weir left");
  });
  const written = await opened("kafka", data, still, async (server) => {
    same(await exchange(server, "tell"), wanted, "Kafka on Weir's");
    return await exchange(server, "write", "tell");
  });
  const hear = () => {};
  await opened("weir", data, { settings: STILL, hear }, async (server) => {
    same(await exchange(server, "tell"), written, "Weir on what Kafka went on with");
  });
}

export const EXCHANGE_CASES: readonly Case[] = [
  {
    name: "Kafka's data directory, killed and stopped, is served by Weir and goes back to Kafka",
    run: kafkaToWeirAndBack,
  },
  {
    name: "Weir's data directory, killed and stopped, is served by Kafka as it is and comes back",
    run: weirToKafkaAndBack,
  },
];
