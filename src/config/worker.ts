/** What a partition worker goes by, out of the broker's settings. */
import type { BrokerValues } from "./broker_table.ts";

/** The settings of a partition worker. Plain data: may be posted to it. */
export function partitionWorkerSettings(values: BrokerValues) {
  return {
    waitersMax: values["waiters.max"],
    openFilesMax: values["open.files.max"],
    checkCrcOnRead: values["crc.check.on.read"],
    retentionIntervalMs: values["log.retention.check.interval.ms"],
    retentionDiskPercent: values["retention.disk.percent"],
    retentionWorkers: values["partition.workers.max"],
    diskFreeBytesMin: values["disk.free.min.bytes"],
    scrubBytesPerSecond: values["log.scrub.bytes.per.second"],
    scrubIntervalMs: values["log.scrub.interval.ms"],
    ...(values["log.cleaner.enable"] ? { cleaner: cleanerShare(values) } : {}),
  };
}

/** An equal share for each worker there may be: all together stay within the settings. */
function cleanerShare(values: BrokerValues) {
  const workersMax = values["partition.workers.max"];
  return {
    dedupeBytesMax: Math.floor(values["log.cleaner.dedupe.buffer.size"] / workersMax),
    dedupeLoadMax: values["log.cleaner.io.buffer.load.factor"],
    bytesPerSecond: Math.max(1, values["log.cleaner.io.max.bytes.per.second"] / workersMax),
    backoffMs: values["log.cleaner.backoff.ms"],
  };
}
