/** What `kafka-console-consumer` makes of its options and of the properties of Kafka's consumers. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { kafkaConsoleConsumer } from "../../../src/cli/kafka/console_consumer.ts";
import {
  checkConsumerOptions,
  consumerOptions,
  groupOf,
  startOf,
} from "../../../src/cli/kafka/consumer_settings.ts";
import { propertiesOf } from "../../../src/cli/kafka/properties.ts";

const consumer = (...words: string[]) => parseArguments(kafkaConsoleConsumer, words);
const properties = (...assignments: string[]) => propertiesOf(assignments);

describe("kafka-console-consumer's words", () => {
  it("consumerOptions and startOf read Kafka's options together", () => {
    const start = (words: string[], ...given: string[]) => startOf(consumer(...words), properties(...given));
    assert.equal(start([]), "latest");
    assert.equal(start(["--from-beginning"]), "earliest");
    assert.equal(start([], "auto.offset.reset=earliest"), "earliest");
    assert.equal(start(["--partition", "0"], "auto.offset.reset=earliest"), "latest");
    assert.equal(start(["--partition", "0", "--offset", "EARLIEST"]), "earliest");
    assert.equal(start(["--partition", "0", "--offset", "7"]), 7);
    assert.throws(() => start(["--offset", "-1"]), /The provided offset value '-1' is incorrect/);
    assert.throws(
      () => start(["--from-beginning"], "auto.offset.reset=latest"),
      /Can't simultaneously specify/,
    );
    const settings = consumerOptions(
      consumer("--isolation-level", "read_committed"),
      properties("fetch.min.bytes=9"),
    );
    assert.equal(settings.isolation, "read_committed");
    assert.equal(settings.bytesMin, 9);
    assert.equal(settings.reset, "latest");
  });

  it("groupOf and consumerOptions take a group from either place, and how its member behaves", () => {
    const group = (words: string[], ...given: string[]) => groupOf(consumer(...words), properties(...given));
    assert.equal(group([]), undefined);
    assert.equal(group(["--group", "g"]), "g");
    assert.equal(group(["--group", "g"], "group.id=g"), "g");
    assert.equal(group([], "group.id=h"), "h");
    assert.throws(() => group(["--group", "g"], "group.id=h"), /do not match\. Detected group ids: 'g', 'h'/);
    assert.throws(
      () => group(["--partition", "0"], "group.id=h"),
      /group and partition cannot be specified together/,
    );
    assert.equal("group" in consumerOptions(consumer(), new Map()), false);
    const settings = consumerOptions(
      consumer("--group", "g"),
      properties("enable.auto.commit=FALSE", "group.instance.id=i", "max.poll.interval.ms=9000"),
    );
    const { autoCommit, instanceId, maxPollIntervalMs } = settings;
    assert.deepEqual([settings.group, autoCommit, instanceId, maxPollIntervalMs], ["g", false, "i", 9_000]);
    assert.equal(consumerOptions(consumer("--group", "g"), new Map()).autoCommit, true);
  });

  it("checkConsumerOptions wants one of topic and include, and a partition for an offset", () => {
    checkConsumerOptions(consumer("--topic", "t", "--partition", "0", "--offset", "3"));
    const cases: [string[], RegExp][] = [
      [[], /Exactly one of --include\/--topic is required/],
      [["--topic", "t", "--include", "t"], /Exactly one of/],
      [["--include", "t", "--partition", "0"], /The topic is required when partition is specified/],
      [["--topic", "t", "--offset", "1"], /The partition is required when offset is specified/],
      [
        ["--topic", "t", "--partition", "0", "--offset", "1", "--from-beginning"],
        /cannot be specified together/,
      ],
    ];
    for (const [words, message] of cases) {
      assert.throws(() => checkConsumerOptions(consumer(...words)), { name: "UsageError", message });
    }
  });
});
