/** What only a look at a shard tells, for whoever measures it. */
import type { ShardFigures } from "../meter/mod.ts";
import type { Admission } from "./admission.ts";
import type { Upkeep } from "./upkeep.ts";
import type { Waiters } from "./waiter.ts";

export function figuresOf(
  waiters: Waiters,
  admission: Admission,
  upkeep: Upkeep,
  nowMs: number,
): ShardFigures {
  const { isAtWork, uncleanable, dirt } = upkeep.compaction;
  return {
    waiters: waiters.count,
    isRefusing: admission.isRefusing(nowMs),
    isCleaning: isAtWork,
    uncleanableLogs: uncleanable,
    dirtyBytes: dirt.bytes,
    dirtyRatioMax: dirt.ratioMax,
  };
}
