/**
 * The broker's settings of consumer groups and of `__consumer_offsets`, by
 * Kafka's names and defaults. Part of the broker's table.
 */
import { choice, INT32_MAX, integer, listMatching, type Setting } from "./setting.ts";

export const GROUPS = {
  "group.min.session.timeout.ms": integer("6000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Shortest session timeout a member of a classic group may ask for",
  }),
  "group.max.session.timeout.ms": integer("1800000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Longest session timeout a member of a classic group may ask for",
  }),
  "group.initial.rebalance.delay.ms": integer("100", {
    unit: "ms",
    minimum: 0,
    maximum: INT32_MAX,
    documentation:
      "How long the first rebalance of an empty classic group waits for more members; Kafka's default is 3000, meant for a cluster",
  }),
  "group.max.size": integer("2147483647", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Most members of a classic group",
  }),
  "group.consumer.max.size": integer("2147483647", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Most members of a group of the consumer protocol",
  }),
  "group.consumer.session.timeout.ms": integer("45000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "A member of the consumer protocol silent for so long is taken out of its group",
  }),
  "group.consumer.heartbeat.interval.ms": integer("3000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation:
      "How often members of the consumer protocol are told to report; oftener while partitions move",
  }),
  "group.consumer.assignors": listMatching(
    "uniform,range",
    "a list of uniform, range, each once, the default one first",
    /^(uniform|range|uniform, ?range|range, ?uniform)$/,
    {
      documentation: "Assignors of the consumer protocol; the first is used where no member asks for another",
    },
  ),
  "group.consumer.migration.policy": choice(
    ["disabled", "downgrade", "upgrade", "bidirectional"],
    "bidirectional",
    {
      documentation: "Whether groups may change between the classic and the consumer protocol while they run",
    },
  ),
  "group.consumer.regex.refresh.interval.ms": integer("600000", {
    unit: "ms",
    minimum: 10_000,
    maximum: INT32_MAX,
    documentation:
      "Kafka's time between two comparisons of patterns with the topics; Weir compares them whenever topics change",
    standing: "stored",
  }),
  "offset.metadata.max.bytes": integer("4096", {
    unit: "bytes",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Longest text that may be committed with an offset",
  }),
  "offsets.retention.minutes": integer("10080", {
    unit: "minutes",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Committed offsets are kept so long after their group became empty",
  }),
  "offsets.retention.check.interval.ms": integer("600000", {
    unit: "ms",
    minimum: 1,
    documentation: "How often committed offsets are looked through for what has expired",
  }),
  "offsets.topic.num.partitions": integer("50", {
    unit: "partitions",
    minimum: 1,
    maximum: 10_000,
    documentation: "Partitions of __consumer_offsets when it is created",
  }),
  "offsets.topic.segment.bytes": integer("104857600", {
    unit: "bytes",
    minimum: 1_048_576,
    maximum: INT32_MAX,
    documentation: "Segment size of __consumer_offsets when it is created",
  }),
} satisfies Record<string, Setting<unknown>>;
