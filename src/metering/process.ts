/**
 * The process and the machine: under the names every Prometheus client library
 * uses, so that common dashboards find them, and the broker's own identity.
 */
import process from "node:process";
import { type Family, family, single } from "../meter/mod.ts";

/** Records are refused below one part in so many of the disk at most, whatever the setting says: see admission. */
const REFUSAL_SHARE = 20;

/** Who the broker is, and how it stands. */
export interface BrokerFacts {
  readonly version: string;
  readonly clusterId: string;
  readonly nodeId: number;
  /** `HOST:PORT` clients reach it at; empty when no door is open. */
  readonly address: string;
  /** How partitions are read. */
  readonly disk: string;
  /** Of the file system the data directory is on; −1 where it cannot be told. */
  readonly diskBytesTotal: number;
  readonly diskBytesUsable: number;
  /** `disk.free.min.bytes` */
  readonly diskFreeBytesMin: number;
  /** Held for commits and metadata. */
  readonly reserveBytes: number;
  readonly isReady: boolean;
  readonly upMs: number;
  readonly nowMs: number;
}

/** The families of the process. */
export function processFamilies(facts: BrokerFacts): Family[] {
  const { rss, heapUsed, heapTotal, external } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage();
  const startedMs = facts.nowMs - facts.upMs;
  return [
    ...clusterFamilies(facts),
    single("counter", "process_cpu_seconds_total", "CPU time of all threads", (user + system) / 1e6),
    single("gauge", "process_resident_memory_bytes", "Resident memory of the process", rss),
    single("gauge", "process_start_time_seconds", "When the process started, since 1970", startedMs / 1_000),
    single("gauge", "weir_heap_used_bytes", "JavaScript heap of the main thread in use", heapUsed),
    single("gauge", "weir_heap_total_bytes", "JavaScript heap of the main thread", heapTotal),
    single("gauge", "weir_external_bytes", "Buffers of the main thread outside its heap", external),
    ...diskFamilies(facts),
  ];
}

function clusterFamilies(
  { version, clusterId, nodeId, address, disk, isReady, upMs }: BrokerFacts,
): Family[] {
  const build = { version, deno: Deno.version.deno, disk, cluster_id: clusterId, node: String(nodeId) };
  return [
    single("gauge", "kafka_brokers", "Number of Brokers in the Kafka Cluster.", 1),
    family("gauge", "kafka_broker_info", "Information about the Kafka Broker.", [
      { labels: { id: String(nodeId), address }, value: 1 },
    ]),
    family("gauge", "weir_build_info", "What runs, as labels", [{ labels: build, value: 1 }]),
    single("gauge", "weir_ready", "1 while the broker serves", isReady ? 1 : 0),
    single("gauge", "weir_uptime_seconds", "Since the broker began to start", upMs / 1_000),
  ];
}

/** Nothing where the data is in memory alone. */
function diskFamilies(facts: BrokerFacts): Family[] {
  const { diskBytesTotal, diskBytesUsable, diskFreeBytesMin, reserveBytes } = facts;
  if (diskBytesTotal < 0) return [];
  return [
    single("gauge", "weir_disk_total_bytes", "Size of the file system that has the data", diskBytesTotal),
    single("gauge", "weir_disk_free_bytes", "Bytes of it that may still be written", diskBytesUsable),
    single(
      "gauge",
      "weir_disk_free_min_bytes",
      "Free bytes below which records are refused: disk.free.min.bytes, of a small disk a twentieth",
      Math.min(diskFreeBytesMin, Math.floor(diskBytesTotal / REFUSAL_SHARE)),
    ),
    single(
      "gauge",
      "weir_disk_reserve_bytes",
      "Bytes held on the disk for commits and metadata",
      reserveBytes,
    ),
  ];
}
