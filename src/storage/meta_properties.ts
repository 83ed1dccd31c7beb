/**
 * `meta.properties`: whose data a directory holds. Kafka's file, version 1, a
 * line a key:
 *
 *     version=1
 *     cluster.id=<22 characters of base64url>
 *     node.id=<integer>
 *     directory.id=<22 characters of base64url, this directory's own>
 *     weir.crc32c=<8 hexadecimal digits: CRC-32C of the lines above>
 *
 * The last line is Weir's own; Kafka passes over keys it does not know. It is there
 * for `log verify` alone: a broker starts all the same on what was edited by hand.
 * Pure text in, values out; `data_directory` reads and writes it.
 */
import { crc32c } from "../bytes/mod.ts";

/** What Kafka and Weir write in it. */
const KEYS: ReadonlySet<string> = new Set([
  "version",
  "cluster.id",
  "node.id",
  "broker.id",
  "directory.id",
  "weir.crc32c",
]);

export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  /** `null` in files written before directories had ids. */
  readonly directoryId: string | null;
}

/** The text of the file. */
export function formatMetaProperties(meta: MetaProperties): string {
  const lines = ["version=1", `cluster.id=${meta.clusterId}`, `node.id=${meta.nodeId}`];
  if (meta.directoryId !== null) lines.push(`directory.id=${meta.directoryId}`);
  const text = `${lines.join("\n")}\n`;
  const checksum = crc32c(new TextEncoder().encode(text), 0);
  return `${text}weir.crc32c=${checksum.toString(16).padStart(8, "0")}\n`;
}

/** What is wrong with the file's text though it may be readable, in words; `null` for nothing. */
export function checkMetaProperties(text: string): string | null {
  const meta = parseMetaProperties(text);
  if (typeof meta === "string") return meta;
  for (const line of text.split("\n")) {
    const [, key] = /^([^#!\s=:]+)=[!-~]*$/.exec(line) ?? [];
    if (line === "" || line.startsWith("#") || KEYS.has(key ?? "")) continue;
    return `line "${line}" is none that is written there`;
  }
  if (!text.includes("weir.crc32c=") || text === formatMetaProperties(meta)) return null;
  return "its checksum does not fit its lines: a bit is wrong, or it was edited (then take away the line weir.crc32c)";
}

/** Reads the file, or returns what is wrong with it as text. Comments, blank lines and unknown keys are fine. */
export function parseMetaProperties(text: string): MetaProperties | string {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (match !== null) values.set(match[1]!, match[2]!);
  }
  const version = values.get("version") ?? "";
  if (version !== "1") return `version is "${version}", "1" is wanted`;
  const clusterId = values.get("cluster.id") ?? "";
  if (clusterId === "") return "cluster.id is missing";
  const nodeId = values.get("node.id") ?? "";
  if (!/^\d{1,10}$/.test(nodeId)) return `node.id is "${nodeId}", an integer is wanted`;
  return { clusterId, nodeId: Number(nodeId), directoryId: values.get("directory.id") || null };
}
