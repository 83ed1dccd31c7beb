/** Data directories as Apache Kafka leaves them, small: a metadata log of any records, and partitions without any. */
import { Writer } from "../../../src/bytes/mod.ts";
import {
  type MetadataRecord,
  writeMetadataRecord,
} from "../../../src/coordinator/journal/metadata_record.ts";
import { BatchBuilder, encodeBatch } from "../../../src/record/mod.ts";
import { type Disk, replaceFile } from "../../../src/storage/mod.ts";
import { NOW_MS } from "./world.ts";

export const JOURNAL = "data/__cluster_metadata-0";
export const ORDERS = "ZFV37UMxQKW8N6_xDaKdfw";
export const PAYMENTS = "Unxn5HkLRz-53YCqoDk5fA";

/** A record that Weir never writes: its type, its version, its message in hexadecimal. */
export interface Foreign {
  readonly apiKey: number;
  readonly version?: number;
  readonly message: string;
}

export const BEGIN: Foreign = { apiKey: 23, message: "00" };
export const END: Foreign = { apiKey: 24, message: "00" };
export const ABORT: Foreign = { apiKey: 25, message: "00" };

export function topic(name: string, id: string): MetadataRecord {
  return { kind: "topic", name, id };
}

export function partition(topicId: string, partition: number, replicas = [1]): MetadataRecord {
  return {
    kind: "partition",
    topicId,
    partition,
    replicas,
    inSyncReplicas: replicas,
    leader: 1,
    leaderEpoch: 4,
  };
}

/** A new leader of partition 0: the same one, in the next epoch. */
export function leaderChange(topicId: string): Foreign {
  const id = Uint8Array.fromBase64(topicId, { alphabet: "base64url" }).toHex();
  return { apiKey: 5, version: 1, message: `00000000${id}01010400000001` };
}

export function batchOf(records: readonly (MetadataRecord | Foreign)[], baseOffset: number): Uint8Array {
  const builder = new BatchBuilder();
  for (const record of records) {
    const writer = new Writer();
    if ("kind" in record) writeMetadataRecord(writer, record);
    else {
      for (const number of [1, record.apiKey, record.version ?? 0]) writer.writeUnsignedVarint(number);
      writer.writeRaw(Uint8Array.fromHex(record.message));
    }
    builder.append(NOW_MS, null, writer.bytes());
  }
  return builder.build({ baseOffset, leaderEpoch: 3 });
}

export function put(disk: Disk, path: string, content: Uint8Array | string): void {
  disk.makeDirectory(path.slice(0, path.lastIndexOf("/")));
  replaceFile(disk, path, typeof content === "string" ? new TextEncoder().encode(content) : content);
}

export function putPartition(disk: Disk, name: string, id: string | null): void {
  put(disk, `data/${name}/00000000000000000000.log`, "");
  if (id !== null) put(disk, `data/${name}/partition.metadata`, `version: 0\ntopic_id: ${id}\n`);
  put(disk, `data/${name}/leader-epoch-checkpoint`, "0\n1\n2 0\n");
  disk.syncDirectory("data");
  disk.syncDirectory("");
}

/** A directory whose metadata log holds a batch of each list. */
export function kafkaDirectory<Used extends Disk>(
  disk: Used,
  ...batches: (MetadataRecord | Foreign)[][]
): Used {
  const election = encodeBatch([{ timestamp: NOW_MS, key: new Uint8Array(4), value: null }], {
    isControl: true,
  });
  let offset = 1;
  const built = batches.map((records) => {
    offset += records.length;
    return batchOf(records, offset - records.length);
  });
  put(disk, `${JOURNAL}/00000000000000000000.log`, join([election, ...built]));
  put(disk, `${JOURNAL}/quorum-state`, "{}");
  for (const name of ["orders-0", "orders-1"]) putPartition(disk, name, ORDERS);
  return disk;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const SOME: (MetadataRecord | Foreign)[] = [
  topic("orders", ORDERS),
  { kind: "config", topic: "orders", name: "cleanup.policy", value: "compact" },
  partition(ORDERS, 0),
  partition(ORDERS, 1),
];
