/**
 * The metadata image: everything a thread knows of the cluster, immutable,
 * built from events alone (a local journal now, another store in a cluster).
 * `applyEvent` is the only way to a new image; unchanged topics are shared
 * between images. Doors and the router read it; nobody writes to it.
 */
import { assert } from "./assert.ts";

/** One replica set's view of a partition. */
export interface PartitionImage {
  readonly partition: number;
  /** Node id of the leader; −1 when there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** A topic: its identity, its partitions in order, and the settings it overrides. */
export interface TopicImage {
  readonly name: string;
  /** 22 characters of unpadded base64url: a random UUID, Kafka's topic id. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionImage[];
  /** Only what the topic sets itself, by Kafka's setting names, values as text. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The whole cluster at one moment. */
export interface Image {
  /** Grows by one with each event applied. */
  readonly version: number;
  readonly topics: ReadonlyMap<string, TopicImage>;
  readonly topicNamesById: ReadonlyMap<string, string>;
}

/** What changes an image. Order matters; each event is applied exactly once. */
export type MetadataEvent =
  | { readonly kind: "topic_created"; readonly topic: TopicImage }
  | {
    readonly kind: "partitions_added";
    readonly topic: string;
    readonly partitions: readonly PartitionImage[];
  }
  /** Keys with a `null` value fall back to the default. */
  | {
    readonly kind: "topic_altered";
    readonly topic: string;
    readonly settings: Readonly<Record<string, string | null>>;
  }
  | { readonly kind: "topic_deleted"; readonly topic: string };

/** The image of a cluster without topics. */
export const IMAGE_EMPTY: Image = { version: 0, topics: new Map(), topicNamesById: new Map() };

/** The image after `event`. Throws an AssertionError when the event does not fit the image. */
export function applyEvent(image: Image, event: MetadataEvent): Image {
  return applyEvents(image, [event]);
}

/**
 * The image after all of `events`, in order. The same as one {@linkcode applyEvent}
 * after the other, but the image is copied once: replaying a long journal depends on it.
 */
export function applyEvents(image: Image, events: Iterable<MetadataEvent>): Image {
  const topics = new Map(image.topics);
  const topicNamesById = new Map(image.topicNamesById);
  let version = image.version;
  for (const event of events) {
    applyInPlace(topics, topicNamesById, event);
    version++;
  }
  return { version, topics, topicNamesById };
}

function applyInPlace(
  topics: Map<string, TopicImage>,
  topicNamesById: Map<string, string>,
  event: MetadataEvent,
): void {
  if (event.kind === "topic_created") {
    assert(!topics.has(event.topic.name), "a topic is created once");
    topics.set(event.topic.name, event.topic);
    topicNamesById.set(event.topic.id, event.topic.name);
    return;
  }
  const topic = topics.get(event.topic);
  assert(topic !== undefined, "an event concerns a topic that exists");
  if (event.kind === "topic_deleted") {
    topics.delete(topic.name);
    topicNamesById.delete(topic.id);
  } else {
    topics.set(topic.name, changeTopic(topic, event));
  }
}

function changeTopic(
  topic: TopicImage,
  event: Extract<MetadataEvent, { kind: "partitions_added" | "topic_altered" }>,
): TopicImage {
  if (event.kind === "partitions_added") {
    return { ...topic, partitions: [...topic.partitions, ...event.partitions] };
  }
  const settings: Record<string, string> = { ...topic.settings };
  for (const [name, value] of Object.entries(event.settings)) {
    if (value === null) delete settings[name];
    else settings[name] = value;
  }
  return { ...topic, settings };
}
