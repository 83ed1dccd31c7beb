/**
 * Fuzz target: the text files beside a log. A text is refused with a LogError or
 * read; what is read must survive being written and read again.
 */
import {
  formatLeaderEpochs,
  formatOffsetCheckpoint,
  formatPartitionMetadata,
  LogError,
  parseLeaderEpochs,
  parseOffsetCheckpoint,
  parsePartitionMetadata,
} from "../../src/log/mod.ts";

export const name = "checkpoint";

/** Feeds `input` to each decoder, as it is and behind a first line and a count that fit. */
export function run(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const count = text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
  for (const each of [text, `0\n${count}\n${text}`, `version: 0\ntopic_id: ${text}`]) {
    roundTrip(each, parseOffsetCheckpoint, formatOffsetCheckpoint);
    roundTrip(each, parseLeaderEpochs, formatLeaderEpochs);
    roundTrip(each, parsePartitionMetadata, formatPartitionMetadata);
  }
}

function roundTrip<T>(text: string, parse: (text: string) => T, format: (value: T) => string): void {
  let value: T;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof LogError) return;
    throw error;
  }
  const again = parse(format(value));
  if (JSON.stringify(again) !== JSON.stringify(value)) throw new Error("Another value is read back");
}
