/**
 * `meta.properties`: whose data a directory holds. Kafka's file, version 1, a
 * line a key:
 *
 *     version=1
 *     cluster.id=<22 characters of base64url>
 *     node.id=<integer>
 *     directory.id=<22 characters of base64url, this directory's own>
 *
 * Pure text in, values out; `data_directory` reads and writes it.
 */

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
  return `${lines.join("\n")}\n`;
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
