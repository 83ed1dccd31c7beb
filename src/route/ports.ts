/** What the router needs of the rest of the broker; compose hands it in. */
import type {
  Acks,
  BrokerDescription,
  CoordinatorCommand,
  Fault,
  FetchInput,
  Image,
  Receiver,
  Reply,
  SettingDescription,
  ShardInput,
} from "../model/mod.ts";

type Questions = Extract<
  ShardInput,
  { kind: "list_offset" | "trim" | "epoch_end" | "describe_producers" | "describe" }
>;
type Without<Input> = Input extends ShardInput ? Omit<Input, "id"> : never;

/** A worker's mailbox. */
export interface ShardPort {
  /** Copies `batch` before it returns. */
  append(handle: number, acks: Acks, batch: Uint8Array, receiver: Receiver): void;
  /** Returns the id that a later "cancel" names. */
  ask(
    question: Without<Questions | FetchInput>,
    receiver: Receiver,
  ): number;
  tell(input: { readonly kind: "cancel"; readonly id: number }): void;
}

/** Where a partition lives. */
export interface Place {
  readonly handle: number;
  readonly worker: number;
  readonly outbox: ShardPort;
  /** Why it can't be used now. */
  readonly fault: Fault | null;
}

export interface RouterPorts {
  image(): Image;
  place(topic: string, partition: number): Place | undefined;
  /** Answers once what was decided is in force: journalled, in the image, partitions open. */
  coordinate(command: CoordinatorCommand, reply: (reply: Reply) => void): void;
  describeBroker(): BrokerDescription;
  /** A topic's settings in force, by what it overrides. */
  describeTopicSettings(overrides: Readonly<Record<string, string>>): readonly SettingDescription[];
  describeBrokerSettings(): readonly SettingDescription[];
  /** A log start moved: it must survive a restart before the client is told, or the client is told the fault. */
  trimmed(topic: string, partition: number, logStartOffset: number): Fault | null;
  nowMs(): number;
  /** `auto.create.topics.enable` */
  readonly autoCreateTopics: boolean;
  /** Of one answer, whatever the client asks for: `fetch.max.bytes`, or less while much is in flight. */
  fetchBytesMax(): number;
}
