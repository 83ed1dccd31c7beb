/**
 * Snapshots of the image, in Kafka's own form and under its own names, so that
 * the journal need not grow for ever:
 *
 *     <offset, 20 digits>-<epoch, 10 digits>.checkpoint     every event below <offset>
 *     | header batch (control 3) | broker, topics | topics | ... | footer batch (control 4) |
 *
 * Written under another name, flushed, then renamed: a file with the name is
 * whole, and if it is damaged later the CRCs and the footer tell. A topic never
 * spans two batches. Source: KIP-630, `SnapshotPath`, `RecordsSnapshotWriter`.
 */
import { DecodeError, Writer } from "../../bytes/mod.ts";
import { assertInteger, type Image, IMAGE_EMPTY, ImageDraft } from "../../model/mod.ts";
import {
  attributes,
  baseOffset,
  BatchBuilder,
  batchIsSound,
  encodeBatch,
  forEachBatch,
  isControl,
  lastOffset,
  partitionLeaderEpoch,
  readControlRecord,
} from "../../record/mod.ts";
import { type Disk, DiskError, type DiskFile } from "../../storage/disk.ts";
import { decodeEvents } from "./decode_events.ts";
import { EventEncoder } from "./encode_events.ts";

const NAME = /^(\d{20})-(\d{10})\.checkpoint$/;
const PART = ".part";
const CONTROL_SNAPSHOT_HEADER = 3;
const CONTROL_SNAPSHOT_FOOTER = 4;
/** A batch is closed once it has so many bytes. */
const BATCH_BYTES_WANTED = 262_144;

/** A snapshot file: it holds what happened below `offset`. */
export interface SnapshotFile {
  readonly path: string;
  readonly offset: number;
}

/** The directory's snapshots, newest first; leftovers of unfinished ones are removed. */
export function listSnapshots(disk: Disk, directory: string): SnapshotFile[] {
  const found: SnapshotFile[] = [];
  if (disk.stat(directory) === null) return found;
  for (const { name } of disk.list(directory)) {
    const path = `${directory}/${name}`;
    const match = NAME.exec(name);
    if (match !== null) found.push({ path, offset: Number(match[1]) });
    else if (name.endsWith(`.checkpoint${PART}`)) disk.remove(path);
  }
  return found.sort((left, right) => right.offset - left.offset);
}

/** Who writes a snapshot, and when. */
export interface SnapshotOrigin {
  readonly epoch: number;
  readonly nodeId: number;
  readonly nowMs: number;
}

/** Writes `image` as the snapshot of everything below `offset`; durable on return. Gives the file and its size in bytes. */
export function writeSnapshot(
  disk: Disk,
  directory: string,
  image: Image,
  offset: number,
  { epoch, nodeId, nowMs }: SnapshotOrigin,
): { file: SnapshotFile; bytes: number } {
  assertInteger(offset, 0, "a snapshot's offset");
  const digits = (value: number, count: number) => String(value).padStart(count, "0");
  const path = `${directory}/${digits(offset, 20)}-${digits(epoch, 10)}.checkpoint`;
  const bytes = writePart(disk, path + PART, (file) => writeContent(file, image, { epoch, nodeId, nowMs }));
  disk.rename(path + PART, path);
  disk.syncDirectory(directory);
  return { file: { path, offset }, bytes };
}

/** The image a snapshot holds. Throws DecodeError when the file is not whole and sound, DiskError when it cannot be read. */
export function readSnapshot(disk: Disk, snapshot: SnapshotFile): { image: Image; bytes: number } {
  const file = disk.open(snapshot.path, "read");
  try {
    const bytes = new Uint8Array(file.size);
    const read = file.read(0, bytes);
    return { image: decodeSnapshot(bytes.subarray(0, read)), bytes: read };
  } finally {
    file.close();
  }
}

/** The image in a snapshot's bytes. Throws DecodeError. */
export function decodeSnapshot(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const draft = new ImageDraft(IMAGE_EMPTY);
  let part: "header" | "topics" | "end" = "header";
  let nextOffset = 0;
  const visited = forEachBatch(bytes, (batch, at) => {
    // Offset and epoch are outside the CRC, but they follow from what is around.
    const isInPlace = baseOffset(view, at) === nextOffset &&
      partitionLeaderEpoch(view, at) === partitionLeaderEpoch(view, 0);
    if (!isInPlace || !batchIsSound(view, at, batch.length)) {
      throw new DecodeError(`Snapshot is damaged at byte "${at}"`);
    }
    nextOffset = lastOffset(view, at) + 1;
    if (!isControl(attributes(view, at))) {
      if (part !== "topics") throw new DecodeError("Snapshot's topics must lie between header and footer");
      for (const event of decodeEvents(batch, draft)) draft.apply(event);
      return;
    }
    const { type } = readControlRecord(batch);
    if (part === "header" && type === CONTROL_SNAPSHOT_HEADER) part = "topics";
    else if (part === "topics" && type === CONTROL_SNAPSHOT_FOOTER) part = "end";
    else throw new DecodeError(`Snapshot has a control record of type "${type}" out of place`);
  });
  // A callback's assignments are invisible to the compiler's narrowing.
  if (visited !== bytes.length || (part as string) !== "end") {
    throw new DecodeError(`Snapshot of "${bytes.length}" bytes must end with its footer`);
  }
  return draft.finish();
}

/** Gives the file's bytes. What a full disk refused does not stay half written, and in the way. */
function writePart(disk: Disk, path: string, write: (file: DiskFile) => void): number {
  disk.remove(path);
  const file = disk.open(path, "create");
  try {
    write(file);
    file.sync();
  } catch (error) {
    if (error instanceof DiskError && error.code === "full") disk.remove(path);
    throw error;
  } finally {
    file.close();
  }
  return file.size;
}

function writeContent(file: DiskFile, image: Image, { epoch, nodeId, nowMs }: SnapshotOrigin): void {
  let recordCount = 0;
  const put = (batch: Uint8Array, records: number) => {
    file.write(file.size, batch);
    recordCount += records;
  };
  put(controlBatch(CONTROL_SNAPSHOT_HEADER, recordCount, epoch, nowMs), 1);
  const encoder = new EventEncoder(nodeId);
  const builder = new BatchBuilder();
  encoder.encodeBroker(builder, image, nowMs);
  for (const topic of image.topics.values()) {
    encoder.encodeTopic(builder, topic, nowMs);
    if (builder.bytes < BATCH_BYTES_WANTED) continue;
    put(builder.build({ baseOffset: recordCount, leaderEpoch: epoch }), builder.recordCount);
    builder.reset();
  }
  if (builder.recordCount > 0) {
    put(builder.build({ baseOffset: recordCount, leaderEpoch: epoch }), builder.recordCount);
  }
  put(controlBatch(CONTROL_SNAPSHOT_FOOTER, recordCount, epoch, nowMs), 1);
}

/** Key: version i16, type i16. Value: version i16, in the header the last time i64, no tagged fields. */
function controlBatch(type: number, baseOffset: number, leaderEpoch: number, nowMs: number): Uint8Array {
  const writer = new Writer(16);
  writer.writeInt16(0);
  writer.writeInt16(type);
  writer.writeInt16(0);
  if (type === CONTROL_SNAPSHOT_HEADER) writer.writeInt64(nowMs);
  writer.writeUnsignedVarint(0);
  const bytes = writer.bytes();
  const record = { timestamp: nowMs, key: bytes.subarray(0, 4), value: bytes.subarray(4) };
  return encodeBatch([record], { baseOffset, leaderEpoch, isControl: true });
}
