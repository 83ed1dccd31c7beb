/**
 * The usual Kafka tutorial as it is written, against the port a tutorial names:
 * each command a process of its own, its output compared with Kafka's layout
 * (ids and times masked), its exit status with the README's.
 */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture, type Ended, runWeir, spawnWeir } from "./weir_process.ts";

const fixture = new BrokerFixture();

/** Runs a command line as it stands in a tutorial; `localhost:9092` is where this broker's Kafka port is. */
function run(line: string, input?: string): Promise<Ended> {
  const words = line.replaceAll("localhost:9092", fixture.broker.kafka).split(" ");
  return runWeir(words, input === undefined ? {} : { input });
}

async function done(line: string, input?: string): Promise<Ended> {
  const ended = await run(line, input);
  assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
  return ended;
}

const at = "--bootstrap-server localhost:9092";

describe("kafka's commands", () => {
  beforeAll(fixture.start);
  afterAll(fixture.stop);

  it("a tutorial runs as written: create, list, describe, produce typed lines, consume from the beginning", async () => {
    const created = await done(
      `kafka-topics --create --topic orders --partitions 3 --replication-factor 1 ${at}`,
    );
    assert.equal(created.stdout, "Created topic orders.\n");
    assert.equal((await done(`kafka-topics --list ${at}`)).stdout, "orders\n");
    const described = await done(`kafka-topics --describe --topic orders ${at}`);
    assert.equal(
      described.stdout.replace(/TopicId: \S{22}\t/, "TopicId: ID\t"),
      "Topic: orders\tTopicId: ID\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: \n" +
        [0, 1, 2].map((partition) =>
          `\tTopic: orders\tPartition: ${partition}\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n`
        ).join(""),
    );
    const produced = await done(`kafka-console-producer --topic orders ${at}`, "first\nsecond\nthird\n");
    assert.deepEqual([produced.stdout, produced.stderr], ["", ""]);
    const consumed = await done(
      `kafka-console-consumer --topic orders --from-beginning --max-messages 3 ${at}`,
    );
    assert.equal(consumed.stdout, "first\nsecond\nthird\n");
    assert.equal(consumed.stderr, "Processed a total of 3 messages\n");
    assert.equal((await done(`kafka-topics --alter --topic orders --partitions 4 ${at}`)).stdout, "");
    assert.match((await done(`kafka-topics --describe ${at}`)).stdout, /PartitionCount: 4/);
    assert.equal((await done(`kafka-topics --delete --topic orders ${at}`)).stdout, "");
    assert.equal((await done(`kafka-topics --list ${at}`)).stdout, "\n");
  });

  it("keys and headers go in and come out by their properties, null ones too", async () => {
    await done(`kafka-topics --create --topic keyed --replica-assignment 1 ${at}`);
    const reader =
      "--reader-property parse.key=true --property key.separator=: --property parse.headers=true " +
      "--property headers.delimiter=| --property headers.key.separator== --property null.marker=NULL";
    const lines = "a=1,b=2|k1:v1\nNULL|NULL:v2\nc=NULL|k3:NULL\n";
    for (
      const more of ["--sync --compression-codec zstd", "--producer-property acks=1 --compression-codec"]
    ) {
      await done(`kafka-console-producer --topic keyed ${reader} ${more} ${at}`, lines);
    }
    const print = ["key", "headers", "offset", "partition"].map((name) => `--property print.${name}=true`);
    const all = await done(
      `kafka-console-consumer --topic keyed --partition 0 --offset earliest --timeout-ms 1000 ${
        print.join(" ")
      } ${at}`,
    );
    const expected = (from: number) => [
      `Partition:0\tOffset:${from}\ta:1,b:2\tk1\tv1\n`,
      `Partition:0\tOffset:${from + 1}\tNO_HEADERS\tnull\tv2\n`,
      `Partition:0\tOffset:${from + 2}\tc:null\tk3\tnull\n`,
    ];
    assert.equal(all.stdout, [...expected(0), ...expected(3)].join(""));
    assert.equal(all.stderr, "Processed a total of 6 messages\n");
    const timed = await done(
      `kafka-console-consumer --include key.* --from-beginning --max-messages 1 --formatter-property ` +
        `print.timestamp=true ${at}`,
    );
    assert.match(timed.stdout, /^CreateTime:\d{13}\tv1\n$/);
    const offset = await done(
      `kafka-console-consumer --topic keyed --partition 0 --offset 4 --max-messages 1 ${at}`,
    );
    assert.equal(offset.stdout, "v2\n");
  });

  it("kafka-console-consumer ends on Ctrl-C with status 0 and says how many there were", async () => {
    await done(`kafka-topics --create --topic endless ${at}`);
    await done(`kafka-console-producer --topic endless ${at}`, "one\n");
    const words = ["--topic", "endless", "--from-beginning", "--bootstrap-server", fixture.broker.kafka];
    const child = spawnWeir(["kafka-console-consumer", ...words]);
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "one\n");
    child.kill("SIGINT");
    while (!(await reader.read()).done);
    assert.equal((await child.status).code, 0);
    assert.equal(await stderr, "Processed a total of 1 messages\n");
  });

  it("kafka-configs shows and changes a topic's settings in Kafka's layout", async () => {
    const warned = await done(`kafka-topics --create --topic set_up --config retention.ms=1000 ${at}`);
    assert.match(
      warned.stdout,
      /^WARNING: Due to limitations in metric names, .*\nCreated topic set_up\.\n$/,
    );
    const retention =
      "  retention.ms=1000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=1000}\n";
    const head = "Dynamic configs for topic set_up are:\n";
    assert.equal((await done(`kafka-configs --describe --topic set_up ${at}`)).stdout, head + retention);
    const entity = "--entity-type topics --entity-name set_up";
    const altered = await done(
      `kafka-configs --alter ${entity} --add-config cleanup.policy=[compact,delete],segment.bytes=2000000 ` +
        `--delete-config retention.ms ${at}`,
    );
    assert.equal(altered.stdout, "Completed updating config for topic set_up.\n");
    assert.equal(
      (await done(`kafka-configs --describe ${entity} ${at}`)).stdout,
      head +
        "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, " +
        "DEFAULT_CONFIG:log.cleanup.policy=delete}\n" +
        "  segment.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:segment.bytes=2000000, " +
        "DEFAULT_CONFIG:log.segment.bytes=1073741824}\n",
    );
    const all = (await done(`kafka-configs --describe ${entity} --all ${at}`)).stdout;
    assert.match(all, /^All configs for topic set_up are:\n {2}cleanup\.policy=/);
    assert.match(all, /\n {2}retention\.ms=604800000 sensitive=false synonyms=\{\}/);
    const overrides = (await done(`kafka-topics --describe --topics-with-overrides ${at}`)).stdout;
    assert.match(
      overrides,
      /^Topic: set_up\t.*\tConfigs: cleanup\.policy=compact,delete,segment\.bytes=2000000\n$/,
    );
  });

  it("kafka-configs shows and changes the broker's settings while it runs", async () => {
    const entity = "--entity-type brokers --entity-name 1";
    assert.equal(
      (await done(`kafka-configs --describe ${entity} ${at}`)).stdout,
      "Dynamic configs for broker 1 are:\n",
    );
    const altered = await done(`kafka-configs --alter ${entity} --add-config log.retention.ms=5000 ${at}`);
    assert.equal(altered.stdout, "Completed updating config for broker 1.\n");
    const setting =
      "  log.retention.ms=5000 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.retention.ms=5000";
    const described = (await done(`kafka-configs --describe ${entity} ${at}`)).stdout;
    assert.ok(described.startsWith(`Dynamic configs for broker 1 are:\n${setting}`), described);
    await done(`kafka-topics --create --topic kept ${at}`);
    const topic = (await done(`kafka-configs --describe --topic kept --all ${at}`)).stdout;
    assert.match(
      topic,
      /\n {2}retention\.ms=5000 .*synonyms=\{DYNAMIC_BROKER_CONFIG:log\.retention\.ms=5000/,
    );
    const reset = await done(
      `kafka-configs --alter --broker-defaults --delete-config log.retention.ms ${at}`,
    );
    assert.equal(reset.stdout, "Completed updating default config for brokers in the cluster.\n");
    assert.match(
      (await done(`kafka-configs --describe --broker 1 --all ${at}`)).stdout,
      /^All configs for broker 1 are:\n(.*\n)*.*DEFAULT_CONFIG:/,
    );
    const other = await run(`kafka-configs --describe --broker 7 ${at}`);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /There is no broker with id "7": broker 1 is the only one/);
    const fixed = await run(`kafka-configs --alter --broker 1 --add-config log.dirs=/tmp ${at}`);
    assert.equal(fixed.code, 1);
    assert.match(fixed.stderr, /log\.dirs/);
  });

  it("kafka-get-offsets, kafka-delete-records and kafka-log-dirs print what Kafka's do", async () => {
    await done(`kafka-topics --create --topic counted --partitions 2 ${at}`);
    const key = "--property parse.key=true --property key.separator=:";
    await done(`kafka-console-producer --topic counted ${key} ${at}`, "a:1\na:2\na:3\n");
    const ends = (await done(`kafka-get-offsets --topic counted ${at}`)).stdout;
    assert.match(ends, /^counted:0:(0\ncounted:1:3|3\ncounted:1:0)\n$/);
    const partition = ends.includes("counted:0:3") ? 0 : 1;
    const file = `${fixture.directory}/offsets.json`;
    const partitions = [{ topic: "counted", partition, offset: 2 }, {
      topic: "none",
      partition: 0,
      offset: 1,
    }];
    await Deno.writeTextFile(file, JSON.stringify({ version: 1, partitions }));
    assert.match(
      (await done(`kafka-delete-records --offset-json-file ${file} ${at}`)).stdout,
      new RegExp(
        "^Executing records delete operation\nRecords delete operation completed:\n" +
          `partition: counted-${partition}\tlow_watermark: 2\npartition: none-0\terror: .*none.*\n$`,
      ),
    );
    const rule = `kafka-get-offsets --topic-partitions counted:${partition} --time -2 ${at}`;
    assert.equal((await done(rule)).stdout, `counted:${partition}:2\n`);
    const dirs = (await done(`kafka-log-dirs --describe --topic-list counted ${at}`)).stdout.split("\n");
    assert.deepEqual(dirs.slice(0, 2), [
      "Querying brokers for log directories information",
      "Received log directory information from brokers 1",
    ]);
    const [{ broker, logDirs }] = JSON.parse(dirs[2]!).brokers;
    assert.equal(broker, 1);
    assert.deepEqual(logDirs[0].partitions.map((entry: { partition: string }) => entry.partition), [
      "counted-0",
      "counted-1",
    ]);
    assert.ok(logDirs[0].partitions[partition].size > 0);
  });

  it("what cannot be done is one line in Kafka's words and status 1, wrong usage is status 2", async () => {
    await done(`kafka-topics --create --topic there ${at}`);
    await done(`kafka-topics --create --topic there --if-not-exists ${at}`);
    await done(`kafka-topics --delete --topic absent --if-exists ${at}`);
    const cases: [string, number, RegExp][] = [
      [
        `kafka-topics --create --topic there ${at}`,
        1,
        /^Error while executing topic command : .*"there" already exists/,
      ],
      [
        `kafka-topics --describe --topic absent ${at}`,
        1,
        /command : Topic 'absent' does not exist as expected\n$/,
      ],
      [
        `kafka-topics --create --topic x --replication-factor 3 ${at}`,
        1,
        /only 1 broker\(s\) are registered/,
      ],
      [`kafka-topics --create --topic x --config retention.ms=soon ${at}`, 1, /retention\.ms.*"soon"/],
      [`kafka-topics --list --bootstrap-server localhost:1`, 1, /Cannot connect to "localhost:1"/],
      [`kafka-topics --list`, 2, /Missing required argument "\[bootstrap-server\]"/],
      [`kafka-topics --list --zookeeper x ${at}`, 2, /Unknown option "--zookeeper"/],
      [`kafka-topics --create ${at}`, 2, /Missing required argument "\[topic\]"/],
      [`kafka-console-consumer --topic absent ${at}`, 1, /Topic 'absent' does not exist/],
      [`kafka-console-consumer --topic there --partition 9 ${at}`, 1, /no partition 9/],
      [
        `kafka-console-consumer --topic there --group g --consumer-property group.id=h ${at}`,
        1,
        /do not match\. Detected group ids: 'g', 'h'/,
      ],
      [
        `kafka-configs --alter --topic there --delete-config retention.ms ${at}`,
        1,
        /Invalid config\(s\): retention\.ms/,
      ],
      [`kafka-get-offsets --topic absent ${at}`, 1, /^Error occurred: Could not match any topic-partitions/],
    ];
    for (const [line, code, message] of cases) {
      const ended = await run(line);
      assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
      assert.match(ended.stderr, message, line);
    }
    const unkeyed = await run(`kafka-console-producer --topic there --property parse.key=true ${at}`, "v\n");
    assert.equal(unkeyed.code, 1);
    assert.equal(unkeyed.stderr, "No key separator found on line number 1: 'v'\n");
  });

  it("an address where only Kafka's protocol is spoken is told apart, and the next one of the list is taken", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void answerAsKafka(listener);
    const foreign = `127.0.0.1:${listener.addr.port}`;
    const refused = await run(`kafka-topics --list --bootstrap-server ${foreign}`);
    assert.equal(refused.code, 1);
    assert.equal(
      refused.stderr,
      `Error while executing topic command : "${foreign}" speaks Kafka's protocol only; these commands talk to a ` +
        `Weir broker\n`,
    );
    await done(`kafka-topics --list --bootstrap-server ${foreign},localhost:9092`);
  });

  it("--help and --version answer without a broker", async () => {
    for (
      const tool of ["topics", "console-producer", "console-consumer", "configs", "get-offsets", "log-dirs"]
    ) {
      assert.match((await done(`kafka-${tool} --help`)).stdout, /--bootstrap-server HOST:PORT,\.\.\./);
    }
    assert.match((await done("kafka-topics --version")).stdout, /^weir \d+\.\d+\.\d+/);
  });
});

/** Answers ApiVersions with the request's correlation id and drops everything else, as Kafka does. */
async function answerAsKafka(listener: Deno.Listener): Promise<void> {
  for await (const socket of listener) {
    using connection = socket;
    const request = new Uint8Array(1_024);
    await connection.read(request);
    const isApiVersions = request[4] === 0 && request[5] === 18;
    if (isApiVersions) await connection.write(Uint8Array.of(0, 0, 0, 6, ...request.subarray(8, 12), 0, 35));
  }
}
