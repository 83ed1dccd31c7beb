/**
 * `kafka-consumer-groups` and `kafka-console-consumer --group` as a Kafka tutorial types them, against a broker's
 * Kafka port. What they print is Kafka 4.3's, line by line; ids and ports are masked.
 */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture, type Ended, runWeir, spawnWeir } from "./weir_process.ts";

const fixture = new BrokerFixture();

function run(line: string, input?: string): Promise<Ended> {
  const words = [...line.split(" "), "--bootstrap-server", fixture.broker.kafka];
  return runWeir(words, input === undefined ? {} : { input });
}

async function done(line: string, input?: string): Promise<Ended> {
  const ended = await run(line, input);
  assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
  return ended;
}

const groups = (line: string) => done(`kafka-consumer-groups ${line}`);
const refused = (line: string) => run(`kafka-consumer-groups ${line}`);
/** A table's lines, cell by cell. */
const cells = (text: string) => text.trim().split("\n").map((line) => line.trim().split(/\s+/));

const OFFSETS = [
  "GROUP",
  "TOPIC",
  "PARTITION",
  "CURRENT-OFFSET",
  "LOG-END-OFFSET",
  "LAG",
  "CONSUMER-ID",
  "HOST",
]
  .concat("CLIENT-ID");

describe("kafka-consumer-groups", () => {
  beforeAll(async () => {
    await fixture.start();
    await done("kafka-topics --create --topic orders --partitions 2");
    await done("kafka-topics --create --topic audit");
    await done("kafka-console-producer --topic audit", "1\n2\n3\n");
  });
  afterAll(fixture.stop);

  it("without groups it lists nothing, or a heading where columns were asked for", async () => {
    assert.equal((await groups("--list")).stdout, "");
    assert.equal((await groups("--list --state")).stdout, `${"GROUP".padEnd(25)} ${"STATE".padEnd(20)}\n`);
    assert.equal((await groups("--describe --all-groups")).stdout, "");
  });

  it("kafka-console-consumer --group commits what it printed, and goes on there", async () => {
    const read = "kafka-console-consumer --topic audit --group g1";
    const first = await done(`${read} --from-beginning --max-messages 1`);
    assert.equal(first.stdout, "1\n");
    const described = await groups("--describe --group g1");
    assert.equal(described.stderr, "\nConsumer group 'g1' has no active members.\n");
    assert.deepEqual(cells(described.stdout), [OFFSETS, ["g1", "audit", "0", "1", "3", "2", "-", "-", "-"]]);
    const property = "--consumer-property group.id=g1 --consumer-property enable.auto.commit=false";
    const unkept = await done(`kafka-console-consumer --topic audit ${property} --max-messages 2`);
    assert.equal(unkept.stdout, "2\n3\n");
    assert.equal((await done(`${read} --max-messages 2`)).stdout, "2\n3\n");
    const nothing = await done(`${read} --from-beginning --timeout-ms 1500`);
    assert.deepEqual([nothing.stdout, nothing.stderr], ["", "Processed a total of 0 messages\n"]);
  });

  it("--describe shows a live group in its four forms, and what else is asked is refused while it lives", async () => {
    const words =
      "kafka-console-consumer --topic orders --group live --consumer-property group.instance.id=i1";
    const child = spawnWeir([...words.split(" "), "--bootstrap-server", fixture.broker.kafka]);
    const ended = new Response(child.stderr).text();
    const printed = new Response(child.stdout).text();
    await stable("live");
    const [heading, ...rows] = cells((await groups("--describe --group live")).stdout);
    assert.deepEqual(heading, OFFSETS);
    assert.deepEqual(rows.map((row) => row.slice(0, 3)), [["live", "orders", "0"], ["live", "orders", "1"]]);
    const memberId = rows[0]![6]!;
    assert.equal(rows[0]![7], "/127.0.0.1");
    const members = cells((await groups("--describe --group live --members")).stdout);
    assert.deepEqual(members[0], [
      "GROUP",
      "CONSUMER-ID",
      "GROUP-INSTANCE-ID",
      "HOST",
      "CLIENT-ID",
      "#PARTITIONS",
    ]);
    assert.deepEqual([members[1]![1], members[1]![2], members[1]!.at(-1)], [memberId, "i1", "2"]);
    const verbose = cells((await groups("--describe --group live --members --verbose")).stdout);
    assert.deepEqual(verbose[1]!.slice(-3)[0], "orders:0,1");
    assert.equal(verbose[1]!.at(-1), "orders:0,1");
    const state = cells((await groups("--describe --group live --state")).stdout);
    assert.deepEqual(state[0], ["GROUP", "COORDINATOR", "(ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"]);
    assert.deepEqual(state[1]!.slice(2), ["(1)", "uniform", "Stable", "1"]);
    assert.match(
      (await groups("--list --state stable --type consumer")).stdout,
      /\nlive +Consumer +Stable +\n$/,
    );

    const reset = await refused("--reset-offsets --group live --topic orders --to-earliest --execute");
    assert.equal(reset.code, 1);
    assert.match(
      reset.stderr,
      /Assignments can only be reset if the group 'live' is inactive, but the current state/,
    );
    const deleted = await refused("--delete --group live");
    assert.equal(deleted.code, 1);
    assert.match(
      deleted.stderr,
      /\nError: Deletion of some consumer groups failed:\n\* Group 'live' could not be/,
    );
    child.kill("SIGINT");
    assert.equal((await child.status).code, 0);
    assert.equal(await ended, "Processed a total of 0 messages\n");
    assert.equal(await printed, "");
  });

  it("--reset-offsets plans, exports and executes every scenario", async () => {
    const reset = "--reset-offsets --group g2";
    const dry = await groups(`${reset} --topic audit --to-earliest`);
    assert.match(dry.stderr, /^WARN: No action will be performed as the --execute option is missing\./);
    assert.equal(
      dry.stdout,
      `\n${"GROUP".padEnd(15)} ${"TOPIC".padEnd(15)} PARTITION  NEW-OFFSET\n` +
        `${"g2".padEnd(15)} ${"audit".padEnd(15)} 0          0\n`,
    );
    assert.equal((await refused("--describe --group g2")).code, 1);
    const offsets = async (line: string) => {
      const table = cells((await groups(`${reset} --dry-run ${line}`)).stdout).slice(1);
      return table.map(([, topic, partition, offset]) => `${topic}-${partition}=${offset}`).join(" ");
    };
    const audit = "--topic audit";
    assert.equal(await offsets(`${audit} --to-current`), "audit-0=3");
    assert.equal((await groups(`${reset} ${audit} --to-offset 2 --execute`)).stderr, "");
    assert.equal(await offsets(`${audit} --to-current`), "audit-0=2");
    assert.equal(await offsets(`${audit} --shift-by -1`), "audit-0=1");
    assert.equal(await offsets("--all-topics --to-latest"), "audit-0=3");
    assert.equal(await offsets(`${audit} --by-duration P1D`), "audit-0=0");
    assert.equal(await offsets(`${audit} --to-datetime 2020-01-01T00:00:00.000`), "audit-0=0");
    assert.equal(await offsets(`--topic orders:1 ${audit} --to-earliest`), "audit-0=0 orders-1=0");

    const future = await groups(`${reset} --dry-run ${audit} --to-datetime 2200-01-01T00:00:00.000`);
    assert.ok(future.stdout.startsWith(
      "\nWarn: Partition 0 from topic audit is empty. Falling back to latest known offset.\n\nGROUP ",
    ));
    const beyond = await groups(`${reset} --dry-run ${audit} --shift-by 40`);
    assert.equal(
      beyond.stderr,
      "WARN New offset (42) is higher than latest offset for topic partition audit-0. Value will be set to 3\n",
    );
    const path = `${fixture.directory}/plan.csv`;
    const exported =
      (await groups(`${reset} --dry-run ${audit} --topic orders --to-offset 1 --export`)).stdout;
    assert.equal(exported, "audit,0,1\norders,0,0\norders,1,0\n\n");
    await Deno.writeTextFile(path, exported);
    await groups(`${reset} --from-file ${path} --execute`);
    assert.equal(await offsets("--all-topics --to-current"), "audit-0=1 orders-0=0 orders-1=0");
  });

  it("--delete-offsets and --delete forget, and say of each how it went", async () => {
    const forgotten = await refused("--delete-offsets --group g2 --topic orders --topic nope");
    assert.equal(forgotten.code, 1);
    assert.match(
      forgotten.stdout,
      /^Request succeeded for deleting offsets from group g2\.\n\nTOPIC +PARTITION +STATUS +\n/,
    );
    assert.deepEqual(cells(forgotten.stdout).slice(3).map((row) => row.slice(0, 3)), [
      ["nope", "-", "Error:"],
      ["orders", "0", "Successful"],
      ["orders", "1", "Successful"],
    ]);
    const left = cells((await groups("--describe --group g2")).stdout).slice(1);
    assert.deepEqual(left.map((row) => row.slice(0, 4)), [["g2", "audit", "0", "1"]]);
    const some = await refused("--delete --group g2 --group nope");
    assert.equal(some.code, 1);
    assert.match(
      some.stderr,
      /^\nError: Deletion of some consumer groups failed:\n\* Group 'nope' could not be /,
    );
    assert.equal(some.stdout, "\nThese consumer groups were deleted successfully: 'g2'\n");
    const all = await groups("--delete --group g1");
    assert.equal(all.stdout, "Deletion of requested consumer groups ('g1') was successful.\n");
  });

  it("what is wrong is said in Kafka's words: status 2 for the command line, 1 for the rest", async () => {
    const cases: [string, number, RegExp][] = [
      ["--describe --group nope", 1, /^\nError: Consumer group 'nope' does not exist\.\n$/],
      ["--delete-offsets --group nope --topic audit", 1, /^\nError: /],
      ["--reset-offsets --group n --topic nope --to-earliest --dry-run", 1, /failed due to .*"nope"/],
      ["--reset-offsets --group n --topic audit:7 --to-earliest --dry-run", 1, /"audit-7" do not exist/],
      ["--reset-offsets --group n --topic audit --by-duration soon --dry-run", 1, /"soon" cannot be parsed/],
      ["--reset-offsets --group n --topic audit --shift-by 1 --dry-run", 2, /Cannot shift offset/],
      ["--list --state asleep", 2, /Invalid state list 'asleep'/],
      ["--describe", 2, /takes one of these options/],
    ];
    for (const [line, code, words] of cases) {
      const ended = await refused(line);
      assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
      assert.match(ended.stderr, words, line);
    }
  });

  it("kafka-topics lists the broker's own topic of groups, but not with --exclude-internal", async () => {
    assert.equal((await done("kafka-topics --list")).stdout, "__consumer_offsets\naudit\norders\n");
    assert.equal((await done("kafka-topics --list --exclude-internal")).stdout, "audit\norders\n");
    const own = (await done("kafka-topics --describe --topic __consumer_offsets")).stdout;
    assert.match(
      own,
      /^Topic: __consumer_offsets\tTopicId: \S{22}\tPartitionCount: 50\tReplicationFactor: 1\t/,
    );
    for (const config of ["cleanup.policy=compact", "compression.type=producer", "segment.bytes=104857600"]) {
      assert.ok(own.includes(config), own);
    }
  });
});

/** Asks until the group is stable and its member owns both partitions. */
async function stable(group: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { stdout } = await refused(`--describe --group ${group} --members`);
    if (/ 2 +\n$/.test(stdout)) return;
  }
  throw new assert.AssertionError({ message: `Group "${group}" did not get there` });
}
