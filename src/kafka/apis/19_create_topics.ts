/**
 * CreateTopics, key 19, versions 2 to 7: topics with counts (−1 takes the
 * broker's) or with replicas assigned by hand, with settings, or only a check of
 * all that. Each topic succeeds or fails on its own. From version 5 on the answer
 * has the counts and settings that came to be; a topic that was only checked
 * shows the settings given for it. From version 7 on it has the topic's id.
 *
 * Not done: the timeout, for creation waits for nobody; quotas. KIP-4, KIP-464,
 * KIP-525, KIP-516.
 */
import { type DraftOf, type MessageOf, UUID_NIL } from "../../bytes/mod.ts";
import {
  type Fault,
  fault,
  type NewTopic,
  type SettingDescription,
  type TopicImage,
} from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { sourceCode } from "../config_entries.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { CREATE_TOPICS_REQUEST, CREATE_TOPICS_RESPONSE } from "../schemas/create_topics.ts";
import { changeTopics, type PlannedAnswer, type PlannedTopic } from "../topic_changes.ts";

type Request = MessageOf<typeof CREATE_TOPICS_REQUEST>;
type Asked = Request["topics"][number];
type Response = DraftOf<typeof CREATE_TOPICS_RESPONSE>;
type Settings = readonly SettingDescription[] | null;

const SETTINGS_VERSION_MIN = 5;

export const createTopics = defineApi({
  key: 19,
  request: CREATE_TOPICS_REQUEST,
  response: CREATE_TOPICS_RESPONSE,
  versions: [2, 7],
  serve({ topics, validateOnly }, call) {
    const commandOf = (items: readonly NewTopic[]) => (
      { kind: "create_topics", topics: items, validateOnly } as const
    );
    changeTopics(call.broker.submit, topics.map(plan), commandOf, (answers) => {
      if (call.version < SETTINGS_VERSION_MIN) return answerAll(answers, new Map(), call);
      describeCreated(answers, call, (settings) => answerAll(answers, settings, call));
    });
  },
});

function plan(topic: Asked): PlannedTopic<NewTopic> {
  const { name, numPartitions, replicationFactor, configs } = topic;
  const without = configs.find(({ value }) => value === null);
  if (without !== undefined) {
    return { name, refused: fault("INVALID_CONFIG", `Setting "${without.name}" is null, wanted is a value`) };
  }
  const assignments = topic.assignments.length === 0 ? null : assignmentsOf(topic);
  if (assignments !== null && "code" in assignments) return { name, refused: assignments };
  const settings = Object.fromEntries(configs.map((config) => [config.name, config.value!]));
  const item = { name, partitions: numPartitions, replicationFactor, assignments, settings };
  return { name, refused: null, item };
}

/** The replicas of each partition by its number: all from 0 on must be there, once. */
function assignmentsOf({ name, assignments }: Asked): readonly (readonly number[])[] | Fault {
  const sorted = assignments.toSorted((one, other) => one.partitionIndex - other.partitionIndex);
  const wrong = sorted.findIndex(({ partitionIndex }, position) => partitionIndex !== position);
  if (wrong === -1) return sorted.map(({ brokerIds }) => brokerIds);
  const words = `Topic "${name}" has replicas for partition "${sorted[wrong]!.partitionIndex}", ` +
    "wanted are all partitions from 0 on, each once";
  return fault("INVALID_REPLICA_ASSIGNMENT", words);
}

/** The settings in force of the topics that came to be, by name. */
function describeCreated(
  answers: readonly PlannedAnswer[],
  { broker }: Call<Response>,
  done: (settings: ReadonlyMap<string, readonly SettingDescription[]>) => void,
): void {
  const names = answers.flatMap(({ created }) => created === undefined ? [] : [created.name]);
  if (names.length === 0) return done(new Map());
  const resources = names.map((name) => ({ kind: "topic", name } as const));
  broker.submit({ kind: "describe_settings", resources }, (reply) => {
    const described = reply.kind === "settings_described" ? reply.resources : [];
    const known = described.flatMap(({ fault, settings }, position) =>
      fault === null ? [[names[position]!, settings] as const] : []
    );
    done(new Map(known));
  });
}

function answerAll(
  answers: readonly PlannedAnswer[],
  settings: ReadonlyMap<string, readonly SettingDescription[]>,
  call: Call<Response>,
): void {
  const topics = answers.map(({ name, fault, created }) => ({
    name: name ?? "",
    topicId: UUID_NIL,
    errorCode: errorCode(fault),
    errorMessage: errorMessage(fault),
    ...(created === undefined || fault !== null ? {} : describe(created, settings.get(created.name) ?? null)),
  }));
  call.answer({ topics });
}

function describe(topic: TopicImage, settings: Settings) {
  const own = Object.entries(topic.settings).map(([name, value]) => (
    { name, value, isReadOnly: false, source: "topic" } as const
  ));
  return {
    topicId: topic.id === "" ? UUID_NIL : topic.id,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.partitions[0]?.replicas.length ?? 1,
    configs: (settings ?? own).map(({ name, value, isReadOnly, source }) => (
      { name, value, readOnly: isReadOnly, configSource: sourceCode(source), isSensitive: false }
    )),
  };
}
