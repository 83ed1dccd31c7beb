/** Finds the place of a partition, or the fault a client gets instead. */
import { type Fault, fault, isCoordinatorTopic } from "../model/mod.ts";
import type { Place, RouterPorts } from "./ports.ts";

/** A place that can be sent inputs now, or why there is none. */
export function locate(ports: RouterPorts, topic: string, partition: number): Place | Fault {
  const image = ports.image().topics.get(topic);
  if (image === undefined) return unknownTopic(topic);
  const place = partition < image.partitions.length ? ports.place(topic, partition) : undefined;
  if (place === undefined) {
    const words = `Topic "${topic}" has no partition "${partition}", wanted 0 to ${
      image.partitions.length - 1
    }`;
    return fault("UNKNOWN_TOPIC_OR_PARTITION", words);
  }
  return place.fault ?? place;
}

/** INVALID_TOPIC_EXCEPTION for a topic whose records only the broker writes and drops, or `null`. */
export function refuseChange(topic: string): Fault | null {
  if (!isCoordinatorTopic(topic)) return null;
  return fault("INVALID_TOPIC_EXCEPTION", `Topic "${topic}" belongs to the broker and can only be read`);
}

/** True when `found` is a fault. */
export function isFault(found: Place | Fault): found is Fault {
  return "code" in found;
}

/** UNKNOWN_TOPIC_OR_PARTITION for a topic that is not there. */
export function unknownTopic(name: string): Fault {
  return fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${name}" does not exist`);
}
