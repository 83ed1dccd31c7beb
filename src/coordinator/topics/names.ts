/**
 * Which topic names there may be, as Apache Kafka has it: 1 to 249 of
 * `a-z A-Z 0-9 . _ -`, not "." or "..", and no two names that differ only in
 * `.` and `_` (metric names cannot tell them apart). Topics of the broker's own
 * are told by name.
 */
import { type Fault, fault, type Image, OFFSETS_TOPIC, TOPIC_NAME_LENGTH_MAX } from "../../model/mod.ts";

const LEGAL = /^[a-zA-Z0-9._-]+$/;
/** `__cluster_metadata` is the journal's own directory: never a topic. */
const INTERNAL: ReadonlySet<string> = new Set([
  OFFSETS_TOPIC,
  "__transaction_state",
  "__share_group_state",
  "__cluster_metadata",
]);

/** True for the topics that only the broker itself creates and deletes. */
export function isInternalTopic(name: string): boolean {
  return INTERNAL.has(name);
}

/** INVALID_TOPIC_EXCEPTION for a name no topic can have, or `null`. Source: Kafka's `Topic.validate`. */
export function checkName(name: string): Fault | null {
  if (name.length > TOPIC_NAME_LENGTH_MAX) {
    const shown = `${name.slice(0, 32)}...`;
    return fault(
      "INVALID_TOPIC_EXCEPTION",
      `Topic name "${shown}" has ${name.length} characters, wanted are at most ${TOPIC_NAME_LENGTH_MAX}`,
    );
  }
  if (name !== "." && name !== ".." && LEGAL.test(name)) return null;
  return fault(
    "INVALID_TOPIC_EXCEPTION",
    `Topic name "${name}" cannot be used: wanted are letters, digits, ".", "_" and "-", and not "." or ".." alone`,
  );
}

/** INVALID_TOPIC_EXCEPTION for a topic that clients may not change, or `null`. */
export function checkNotInternal(name: string): Fault | null {
  if (!isInternalTopic(name)) return null;
  return fault("INVALID_TOPIC_EXCEPTION", `Topic "${name}" belongs to the broker and cannot be changed`);
}

/** Finds names that differ only in `.` and `_`, among the image's topics and those a command adds. */
export class NameCollisions {
  readonly #image: Image;
  readonly #added: string[] = [];
  #names: Map<string, string> | null = null;

  constructor(image: Image) {
    this.#image = image;
  }

  /** The other name that `name` collides with, or `null`. */
  find(name: string): string | null {
    // A name without either character collides with nothing: the common case costs nothing.
    if (!/[._]/.test(name)) return null;
    const other = this.#known().get(canonical(name));
    return other === undefined || other === name ? null : other;
  }

  /** From now on `name` counts as taken. */
  add(name: string): void {
    this.#added.push(name);
    this.#names?.set(canonical(name), name);
  }

  #known(): Map<string, string> {
    if (this.#names === null) {
      this.#names = new Map();
      for (const name of this.#image.topics.keys()) this.#names.set(canonical(name), name);
      for (const name of this.#added) this.#names.set(canonical(name), name);
    }
    return this.#names;
  }
}

function canonical(name: string): string {
  return name.replaceAll(".", "_");
}
