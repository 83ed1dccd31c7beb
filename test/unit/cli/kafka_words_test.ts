/** What the commands with Kafka's flags make of words: addresses, properties, patterns, rules. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/arguments.ts";
import type { Command, ExitStatus } from "../../../src/cli/command.ts";
import { parseServers } from "../../../src/cli/kafka/bootstrap.ts";
import { checkClientProperties, connectOptions } from "../../../src/cli/kafka/client_settings.ts";
import { CONFIGS_OPTIONS, configsAction, parseAssignments } from "../../../src/cli/kafka/configs_entity.ts";
import { configsText } from "../../../src/cli/kafka/configs_words.ts";
import { kafkaConsoleProducer } from "../../../src/cli/kafka/console_producer.ts";
import { producerOptions, producerProperties } from "../../../src/cli/kafka/producer_settings.ts";
import { parseProperties, propertiesOf } from "../../../src/cli/kafka/properties.ts";
import { topicFilter } from "../../../src/cli/kafka/topic_filter.ts";
import { partitionsWanted, TOPICS_OPTIONS, topicsAction } from "../../../src/cli/kafka/topics_options.ts";
import { partitionLine, topicLine } from "../../../src/cli/kafka/topics_words.ts";
import { Output } from "../../../src/cli/output.ts";

const NONE: Pick<Command, "operands" | "run"> = {
  operands: [],
  run: (): Promise<ExitStatus> => Promise.resolve(0),
};
const topics = (...words: string[]) => parseArguments({ ...NONE, options: TOPICS_OPTIONS }, words);
const configs = (...words: string[]) => parseArguments({ ...NONE, options: CONFIGS_OPTIONS }, words);
const producer = (...words: string[]) => parseArguments(kafkaConsoleProducer, words);
const properties = (...assignments: string[]) => propertiesOf(assignments);

describe("kafka's flags", () => {
  it("parseServers takes a list, brackets, a protocol's name and a host without a port, and refuses the rest", () => {
    assert.deepEqual(parseServers("a:1, b ,[::1]:3,PLAINTEXT://c.d:4,"), [
      { host: "a", port: 1 },
      { host: "b", port: 9092 },
      { host: "::1", port: 3 },
      { host: "c.d", port: 4 },
    ]);
    for (const bad of ["", ",", "a:0", "a:70000", "a:b", "::1:9092"]) {
      assert.throws(() => parseServers(bad), { name: "UsageError" }, bad);
    }
  });

  it("parseProperties reads Java's format: comments, separators, escapes, joined lines", () => {
    const text = "# no\n ! no\nacks=all\nkey.separator : |\nspaced value\nlong = one, \\\n   two\nempty=\n" +
      "path=C:\\\\x\ntab=\\t\\u00e9\na\\ b=c\nacks = 1\r\nbare\n";
    assert.deepEqual([...parseProperties(text)], [
      ["acks", "1"],
      ["key.separator", "|"],
      ["spaced", "value"],
      ["long", "one, two"],
      ["empty", ""],
      ["path", "C:\\x"],
      ["tab", "\té"],
      ["a b", "c"],
      ["bare", ""],
    ]);
    assert.deepEqual([...propertiesOf(["a=b=c", "d", "e=", "a=f"])], [["a", "f"], ["d", ""], ["e", ""]]);
  });

  it("topicFilter matches whole names by pattern, several with commas", () => {
    const matches = topicFilter(' "orders, audit-.*" ');
    assert.deepEqual(["orders", "orders2", "audit-1", "audit"].map(matches), [true, false, true, false]);
    assert.equal(topicFilter("my.topic")("my-topic"), true);
    assert.equal(topicFilter("my\\.topic")("my-topic"), false);
    assert.throws(() => topicFilter("a("), /a\( is an invalid regex\./);
  });

  it("topicsAction wants one action and refuses options that do not go with it, in Kafka's words", () => {
    assert.equal(topicsAction(topics("--create", "--topic", "t")), "create");
    assert.equal(topicsAction(topics("--describe", "--if-exists", "--topic-id", "x")), "describe");
    const cases: [string[], RegExp][] = [
      [[], /Command must include exactly one action: --list, --describe, --create, --alter, --delete/],
      [["--list", "--create", "--topic", "t"], /exactly one action/],
      [["--create"], /Missing required argument "\[topic\]"/],
      [["--alter", "--topic", "t"], /Missing required argument "\[partitions\]"/],
      [["--alter", "--topic", "t", "--partitions", "2", "--config", "a=b"], /"\[config\]" can't be used/],
      [["--list", "--partitions", "1"], /Option "\[partitions\]" can't be used with option "\[list\]"/],
      [["--create", "--topic", "t", "--partitions", "1", "--replica-assignment", "1"], /"\[partitions\]"/],
      [["--describe", "--replication-factor", "1"], /"\[replication-factor\]"/],
      [["--describe", "--unavailable-partitions", "--topics-with-overrides"], /"\[unavailable-partitions\]"/],
      [["--delete", "--topic", "t", "--exclude-internal"], /"\[exclude-internal\]"/],
      [["--describe", "--if-exists"], /--topic or --topic-id is required to describe a topic/],
    ];
    for (const [words, message] of cases) {
      assert.throws(() => topicsAction(topics(...words)), { name: "UsageError", message }, words.join(" "));
    }
  });

  it("partitionsWanted counts an assignment to the one broker, and refuses more than it can keep", () => {
    const wanted = (...words: string[]) => partitionsWanted(topics("--create", ...words), 1);
    assert.equal(wanted(), undefined);
    assert.equal(wanted("--partitions", "3", "--replication-factor", "1"), 3);
    assert.equal(wanted("--replica-assignment", "1,1"), 2);
    const cases: [string[], RegExp][] = [
      [["--replication-factor", "3"], /replication factor of 3 cannot be reached because only 1 broker/],
      [["--replication-factor", "0"], /must be between 1 and 32767 inclusive/],
      [["--partitions", "0"], /The partitions must be greater than 0/],
      [["--replica-assignment", "1:1"], /may not contain duplicate entries: 1/],
      [["--replica-assignment", "1,2"], /The replicas "2" of partition 1 cannot be served/],
    ];
    for (const [words, message] of cases) {
      assert.throws(() => wanted(...words), { name: "CommandError", message }, words.join(" "));
    }
  });

  it("topicLine and partitionLine are Kafka's, with its tabs", () => {
    const partition = { partition: 0, leader: 1, leaderEpoch: 0, replicas: [1, 2], inSyncReplicas: [1] };
    const topic = { name: "t", id: "I".repeat(22), internal: false, partitions: [partition], settings: {} };
    const setting = (name: string, value: string, source: "topic" | "broker" | "default") => ({
      name,
      value,
      source,
    });
    const settings = [setting("a", "1", "topic"), setting("b", "2", "default"), setting("c", "3", "broker")];
    assert.equal(
      topicLine(topic, settings),
      `Topic: t\tTopicId: ${topic.id}\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: a=1,c=3\n`,
    );
    assert.equal(
      partitionLine("t", partition),
      "\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1\tElr: \tLastKnownElr: \n",
    );
    assert.match(partitionLine("t", { ...partition, leader: -1 }), /\tLeader: none\t/);
  });

  it("parseAssignments keeps commas within brackets together, and empty values", () => {
    assert.deepEqual([...parseAssignments("a=1, b=[x,y] ,c=,d=[z]")], [
      ["a", "1"],
      ["b", "x,y"],
      ["c", ""],
      ["d", "z"],
    ]);
    assert.throws(() => parseAssignments("a=1,b"), /must be in the format "key=val"/);
  });

  it("configsAction finds the entity by either spelling, and refuses what is not served or makes no sense", () => {
    const entity = (...words: string[]) => configsAction(configs(...words)).entity;
    assert.deepEqual(entity("--describe", "--topic", "t"), { type: "topics", name: "t" });
    assert.deepEqual(entity("--describe", "--entity-type", "topics"), { type: "topics", name: null });
    const alter = ["--alter", "--delete-config", "x"];
    assert.deepEqual(entity(...alter, "--broker-defaults"), { type: "brokers", name: "" });
    assert.deepEqual(entity(...alter, "--entity-type", "brokers", "--entity-name", "1"), {
      type: "brokers",
      name: "1",
    });
    const cases: [string[], RegExp][] = [
      [["--topic", "t"], /exactly one action/],
      [["--describe"], /At least one entity type must be specified/],
      [["--describe", "--topic", "t", "--add-config", "a=b"], /"\[describe\]" can't be used/],
      [["--describe", "--entity-type", "topics", "--topic", "t"], /not be used in conjunction/],
      [["--describe", "--entity-type", "topcis"], /Invalid entity type topcis/],
      [["--describe", "--broker", "one"], /must be a valid integer broker id, but it is: one/],
      [["--describe", "--user", "u"], /Settings of users are not served yet/],
      [["--alter", "--topic", "t"], /At least one of --add-config, --add-config-file, or --delete-config/],
      [[...alter, "--entity-type", "topics"], /An entity name must be specified with --alter of topics/],
    ];
    for (const [words, message] of cases) {
      assert.throws(() => configsAction(configs(...words)), { message }, words.join(" "));
    }
  });

  it("configsText is Kafka's, by name, with the places a value comes from", () => {
    const setting = (name: string, value: string, source: "topic" | "default") => ({
      name,
      value,
      source,
      type: "long" as const,
      isReadOnly: false,
      defaultValue: "7",
      documentation: "",
      synonyms: [{ name, value, source }, { name: `log.${name}`, value: "7", source: "default" as const }],
    });
    const settings = [setting("b", "1", "topic"), setting("a", "7", "default")];
    assert.equal(
      configsText("topics", "t", false, settings),
      "Dynamic configs for topic t are:\n" +
        "  b=1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:b=1, DEFAULT_CONFIG:log.b=7}\n",
    );
    assert.match(
      configsText("topics", "t", true, settings),
      /^All configs for topic t are:\n {2}a=7 .*\n {2}b=1 /,
    );
    assert.match(
      configsText("brokers", "", false, []),
      /^Default configs for brokers in the cluster are:\n$/,
    );
  });

  it("producerProperties puts options over properties over the tool's defaults", () => {
    const given = producer("--request-required-acks", "1", "--compression-codec", "--topic", "t");
    const merged = producerProperties(given, properties("acks=0", "linger.ms=5"));
    assert.deepEqual(producerOptions(merged), {
      acks: 1,
      compression: "gzip",
      lingerMs: 5,
      batchBytesMax: 16_384,
      bufferBytesMax: 33_554_432,
      requestTimeoutMs: 1_500,
      retriesMax: 3,
      deliveryTimeoutMs: undefined,
      inFlightMax: undefined,
      idempotent: undefined,
    });
    assert.equal(producerOptions(properties("enable.idempotence=false")).idempotent, false);
    assert.equal(producerOptions(properties("max.in.flight.requests.per.connection=6")).idempotent, false);
    assert.equal(given.text("topic"), "t");
    const named = producerProperties(producer("--compression-codec", "zstd"), new Map());
    assert.equal(producerOptions(named).compression, "zstd");
    assert.equal(producerOptions(named).lingerMs, 1_000);
    for (const bad of ["acks=2", "compression.type=brotli", "linger.ms=soon", "transactional.id=x"]) {
      assert.throws(() => producerOptions(properties(bad)), { name: "CommandError" }, bad);
    }
  });

  it("checkClientProperties refuses security, warns of what nobody knows and takes the rest", () => {
    const words: string[] = [];
    const sink = {
      write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
      writeSync: (bytes: Uint8Array) => words.push(new TextDecoder().decode(bytes)) && bytes.length,
    };
    const output = new Output(sink, sink);
    checkClientProperties(
      properties("client.id=x", "acks=1", "security.protocol=PLAINTEXT"),
      ["acks"],
      output,
    );
    assert.deepEqual(words, []);
    checkClientProperties(properties("lingre.ms=1"), [], output);
    assert.match(
      words.join(""),
      /WARN The configuration 'lingre\.ms' was supplied but isn't a known config\./,
    );
    for (const bad of ["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", "ssl.truststore.location=x"]) {
      assert.throws(() => checkClientProperties(properties(bad), [], output), /cannot be served/, bad);
    }
    assert.equal(connectOptions(properties("request.timeout.ms=9")).requestTimeoutMs, 9);
  });
});
