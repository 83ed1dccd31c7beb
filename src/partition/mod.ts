/** The partition room: shards of partitions, one per worker. */
export { Shard, type ShardOptions } from "./shard.ts";
