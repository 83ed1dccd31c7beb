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
  /** Settings of the broker that were changed while it ran, by Kafka's names, values as text. */
  readonly brokerSettings: Readonly<Record<string, string>>;
  /** Producer ids below it were given out, or may have been. */
  readonly nextProducerId: number;
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
  | { readonly kind: "topic_deleted"; readonly topic: string }
  /** Keys with a `null` value fall back to what the broker was started with. */
  | { readonly kind: "broker_altered"; readonly settings: Readonly<Record<string, string | null>> }
  | { readonly kind: "producer_ids_reserved"; readonly nextProducerId: number };

/** The topic that holds the records of groups. The coordinator owns its logs; clients only read it. */
export const OFFSETS_TOPIC = "__consumer_offsets";

/** True for a topic whose logs the coordinator owns itself: no partition worker gets them. */
export function isCoordinatorTopic(name: string): boolean {
  return name === OFFSETS_TOPIC;
}

/** The image of a cluster without topics. */
export const IMAGE_EMPTY: Image = {
  version: 0,
  topics: new Map(),
  topicNamesById: new Map(),
  brokerSettings: {},
  nextProducerId: 0,
};

/** The image after `event`. Throws an AssertionError when the event does not fit the image. */
export function applyEvent(image: Image, event: MetadataEvent): Image {
  return applyEvents(image, [event]);
}

/**
 * The image after all of `events`, in order. The same as one {@linkcode applyEvent}
 * after the other, but the image is copied once.
 */
export function applyEvents(image: Image, events: Iterable<MetadataEvent>): Image {
  const draft = new ImageDraft(image);
  for (const event of events) draft.apply(event);
  return draft.finish();
}

/**
 * An image in the making: reads like one and changes by events, without a copy
 * for each. Replaying a long journal depends on it. Seen by nobody else until
 * it is finished, and not used after that.
 */
export class ImageDraft implements Image {
  version: number;
  readonly topics: Map<string, TopicImage>;
  readonly topicNamesById: Map<string, string>;
  brokerSettings: Readonly<Record<string, string>>;
  nextProducerId: number;

  constructor(image: Image) {
    this.version = image.version;
    this.topics = new Map(image.topics);
    this.topicNamesById = new Map(image.topicNamesById);
    this.brokerSettings = image.brokerSettings;
    this.nextProducerId = image.nextProducerId;
  }

  /** Applies the next event. Throws an AssertionError when it does not fit. */
  apply(event: MetadataEvent): void {
    this.version++;
    if (event.kind === "topic_created") {
      assert(!this.topics.has(event.topic.name), "a topic is created once");
      this.topics.set(event.topic.name, event.topic);
      this.topicNamesById.set(event.topic.id, event.topic.name);
      return;
    }
    if (event.kind === "broker_altered") {
      this.brokerSettings = changeSettings(this.brokerSettings, event.settings);
      return;
    }
    if (event.kind === "producer_ids_reserved") {
      assert(event.nextProducerId > this.nextProducerId, "producer ids are reserved once");
      this.nextProducerId = event.nextProducerId;
      return;
    }
    const topic = this.topics.get(event.topic);
    assert(topic !== undefined, "an event concerns a topic that exists");
    if (event.kind === "topic_deleted") {
      this.topics.delete(topic.name);
      this.topicNamesById.delete(topic.id);
    } else {
      this.topics.set(topic.name, changeTopic(topic, event));
    }
  }

  /** The image, as plain data. */
  finish(): Image {
    const { version, topics, topicNamesById, brokerSettings, nextProducerId } = this;
    return { version, topics, topicNamesById, brokerSettings, nextProducerId };
  }
}

function changeTopic(
  topic: TopicImage,
  event: Extract<MetadataEvent, { kind: "partitions_added" | "topic_altered" }>,
): TopicImage {
  if (event.kind === "partitions_added") {
    return { ...topic, partitions: [...topic.partitions, ...event.partitions] };
  }
  return { ...topic, settings: changeSettings(topic.settings, event.settings) };
}

function changeSettings(
  settings: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const changed: Record<string, string> = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete changed[name];
    else changed[name] = value;
  }
  return changed;
}
