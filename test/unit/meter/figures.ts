/** A shard in which nothing goes on, as its meter is told of it. */
import type { ShardFigures } from "../../../src/meter/mod.ts";

export const FIGURES: ShardFigures = {
  waiters: 0,
  isRefusing: false,
  isCleaning: false,
  uncleanableLogs: 0,
  dirtyBytes: 0,
  dirtyRatioMax: 0,
};
