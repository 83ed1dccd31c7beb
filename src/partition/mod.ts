/** The partition room: shards of partitions, one per worker, and logs of others that are read here. */
export { AdoptedLogs } from "./adopted_logs.ts";
export { Shard, type ShardOptions } from "./shard.ts";
