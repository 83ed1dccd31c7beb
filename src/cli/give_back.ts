/**
 * What a command does with records it was handed and did not print, as a member
 * of a group: they are taken for not handed out, so that nobody commits them.
 */
import type { Consumer, ConsumerRecord } from "../client/mod.ts";

/** Goes back to the record after the first `count` of `records`, which are of one partition; at their end, nothing. */
export function giveBack(
  consumer: Consumer<Uint8Array, Uint8Array>,
  records: readonly ConsumerRecord<Uint8Array, Uint8Array>[],
  count: number,
): void {
  const first = records[count];
  if (first === undefined) return;
  const isOurs = consumer.assignments.some(({ topic, partition }) =>
    topic === first.topic && partition === first.partition
  );
  // It may have moved to another member meanwhile, which has its own place.
  if (isOurs) consumer.seek(first, first.offset);
}
