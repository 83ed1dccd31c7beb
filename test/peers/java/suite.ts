/** The Java client and Apache Kafka's own tools. */
import type { Suite } from "../cases.ts";
import { CLUSTER_CASES } from "./cluster.ts";
import { COMPACTION_CASES } from "./compaction.ts";
import { DUMP_CASES } from "./dump.ts";
import { EXCHANGE_CASES } from "./exchange.ts";
import { GROUP_LINE_CASES } from "./group_lines.ts";
import { GROUP_CASES } from "./groups.ts";
import { prepareJava } from "./jars.ts";
import { LOAD_CASES } from "./load.ts";
import { OFFSETS_TOPIC_CASES } from "./offsets_topic.ts";
import { PROGRAM_CASES } from "./programs.ts";
import { RECORD_CASES } from "./records.ts";
import { TOPIC_CASES } from "./topics.ts";

export const JAVA: Suite = {
  name: "java",
  prepare: prepareJava,
  cases: [
    ...TOPIC_CASES,
    ...RECORD_CASES,
    ...LOAD_CASES,
    ...CLUSTER_CASES,
    ...DUMP_CASES,
    ...COMPACTION_CASES,
    ...EXCHANGE_CASES,
    ...PROGRAM_CASES,
    ...GROUP_CASES,
    ...GROUP_LINE_CASES,
    ...OFFSETS_TOPIC_CASES,
  ],
};
