/**
 * Kafka's metadata log read as its files lie there: the newest sound snapshot, then
 * the log behind it up to where it is torn; damage with sound batches behind it is no
 * torn end, and topics would be lost over it. Nothing is opened as a log, for opening
 * mends, and these files are not Weir's. Called by `adopt.ts`, and by the offline check.
 */
import { DecodeError } from "../../bytes/mod.ts";
import {
  attributes,
  batchBytes,
  batchIsSound,
  forEachBatch,
  isControl,
  lastOffset,
} from "../../record/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { AdoptionError } from "./adopted_topics.ts";
import { KafkaMetadata } from "./kafka_metadata.ts";
import { listSnapshots } from "./snapshot.ts";

/** KRaft's own file: Weir has no quorum. */
const QUORUM_FILE = "quorum-state";

/** True for a metadata log that Kafka wrote to. Throws DiskError. */
export function isKafkaJournal(disk: Disk, directory: string): boolean {
  return disk.stat(`${directory}/${QUORUM_FILE}`) !== null;
}

/** What Kafka's metadata log in `directory` says. Throws AdoptionError where it cannot be read, DiskError. */
export function readKafkaMetadata(disk: Disk, directory: string): KafkaMetadata {
  let metadata = new KafkaMetadata();
  let offset = 0;
  for (const snapshot of listSnapshots(disk, directory)) {
    const read = new KafkaMetadata();
    if (!readFile(disk, snapshot.path, read, 0).isWhole) continue;
    metadata = read;
    offset = snapshot.offset;
    break;
  }
  for (const [index, path] of logFiles(disk, directory).entries()) {
    if (index === 0 && Number(path.slice(-24, -4)) > offset) {
      throw new AdoptionError(`Kafka's metadata log begins at "${path}", and no sound snapshot goes as far`);
    }
    const { nextOffset, isWhole, isDamaged } = readFile(disk, path, metadata, offset);
    if (isDamaged) throw new AdoptionError(`Kafka's metadata "${path}" is damaged, and not at its end alone`);
    offset = Math.max(offset, nextOffset);
    if (!isWhole) break;
  }
  return metadata;
}

function logFiles(disk: Disk, directory: string): string[] {
  const names = disk.list(directory).map(({ name }) => name).filter((name) => /^\d{20}\.log$/.test(name));
  return names.sort().map((name) => `${directory}/${name}`);
}

/** Reads the batches that end at `fromOffset` or behind it. */
function readFile(
  disk: Disk,
  path: string,
  metadata: KafkaMetadata,
  fromOffset: number,
): { readonly nextOffset: number; readonly isWhole: boolean; readonly isDamaged: boolean } {
  const bytes = readBytes(disk, path);
  const view = new DataView(bytes.buffer);
  const soundBytes = soundLength(view);
  let nextOffset = fromOffset;
  forEachBatch(bytes.subarray(0, soundBytes), (batch, at) => {
    if (lastOffset(view, at) < fromOffset) return;
    nextOffset = lastOffset(view, at) + 1;
    if (isControl(attributes(view, at))) return;
    try {
      metadata.read(batch);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new AdoptionError(
        `Kafka's metadata "${path}" cannot be read at position "${at}": ${error.message}`,
      );
    }
  });
  return { nextOffset, isWhole: soundBytes === bytes.length, isDamaged: hasSoundBatch(view, soundBytes + 1) };
}

function readBytes(disk: Disk, path: string): Uint8Array<ArrayBuffer> {
  const file = disk.open(path, "read");
  try {
    const bytes = new Uint8Array(file.size);
    file.read(0, bytes);
    return bytes;
  } finally {
    file.close();
  }
}

function soundLength(view: DataView): number {
  let at = 0;
  while (at < view.byteLength && batchIsSound(view, at, view.byteLength - at)) at += batchBytes(view, at);
  return at;
}

function hasSoundBatch(view: DataView, from: number): boolean {
  for (let at = from; at < view.byteLength; at++) {
    if (batchIsSound(view, at, view.byteLength - at)) return true;
  }
  return false;
}
