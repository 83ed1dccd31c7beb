/** Retention and cleaners broken on purpose: each takes too much, too little, or too early to be safe. */
import type { LogSettings, ShardInput } from "../../src/model/mod.ts";
import { Shard, type ShardOptions } from "../../src/partition/mod.ts";
import type { Disk, DiskFile } from "../../src/storage/mod.ts";
import type { Broken } from "./sabotage.ts";
import type { Sabotage } from "./simulation.ts";

type Turning = Pick<Shard, "turn" | "wakeMs">;

/** A shard whose logs have other settings than it was told. */
function misled(change: (settings: LogSettings) => Partial<LogSettings>): (options: ShardOptions) => Turning {
  const mislead = (input: ShardInput): ShardInput =>
    input.kind !== "open" && input.kind !== "configure"
      ? input
      : { ...input, settings: { ...input.settings, ...change(input.settings) } };
  return (options) => {
    const shard = new Shard(options);
    return {
      get wakeMs() {
        return shard.wakeMs;
      },
      turn: (inputs, nowMs) => shard.turn(inputs.map(mislead), nowMs),
    };
  };
}

/** A shard that cleans nothing. */
function sluggish({ cleaner: _, ...options }: ShardOptions): Turning {
  return new Shard(options);
}

/** A disk with some of its methods replaced. */
export function changed(disk: Disk, methods: Partial<Disk>): Disk {
  return new Proxy(disk, {
    get(target, name) {
      const value = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Files are synced when an append asks for it, never for the sake of upkeep. */
export function syncsOnlyAppends(): Sabotage {
  let isIdle = false;
  const lazy = (file: DiskFile): DiskFile =>
    new Proxy(file, {
      get(target, name) {
        const value = name === "sync" && isIdle ? () => {} : Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  return {
    disk: (disk) => changed(disk, { open: (path, mode) => lazy(disk.open(path, mode)) }),
    makeShard: (options) => {
      const shard = new Shard(options);
      return {
        get wakeMs() {
          return shard.wakeMs;
        },
        turn(inputs, nowMs) {
          isIdle = inputs.length === 0;
          try {
            return shard.turn(inputs, nowMs);
          } finally {
            isIdle = false;
          }
        },
      };
    },
  };
}

/** By what is broken; more of `SABOTAGES`. */
export const UPKEEP_SABOTAGES: Readonly<Record<string, Broken>> = {
  "retention that takes what is young": {
    makeShard: misled(({ retentionMs }) => ({ retentionMs: retentionMs / 4 })),
    mishaps: [],
    complaint: /which the settings keep|though the settings keep it/,
  },
  "retention that takes what is little": {
    makeShard: misled(({ retentionBytes }) => ({ retentionBytes: retentionBytes / 4 })),
    mishaps: [],
    complaint: /which the settings keep|though the settings keep it/,
  },
  "retention that never comes": {
    makeShard: misled(() => ({ cleanupDelete: false })),
    mishaps: [],
    complaint: /after all was calm: (records up to|\d+ bytes)/,
  },
  "deleted files that are never removed": {
    makeShard: misled(() => ({ deleteDelayMs: 1_000_000 })),
    mishaps: [],
    complaint: /\.deleted" is left/,
  },
  "a deletion that a restart takes back": {
    disk: (disk) =>
      changed(disk, { rename: (from, to) => to.endsWith(".deleted") ? undefined : disk.rename(from, to) }),
    mishaps: ["kill"],
    complaint: /a log start below|is left|is there at offset|after all was calm/,
  },
  "a cleaner that does not wait for min.compaction.lag.ms": {
    makeShard: misled(() => ({ compactionLagMsMin: 0 })),
    mishaps: [],
    complaint: /a gap/,
  },
  "a cleaner that takes tombstones before their horizon": {
    makeShard: misled(() => ({ tombstoneMs: 0 })),
    mishaps: [],
    complaint: /a gap/,
  },
  "a cleaner that never comes": {
    makeShard: sluggish,
    mishaps: [],
    complaint: /after all was calm: key "key\d+" is there/,
  },
  "a cleaner that syncs nothing": {
    ...syncsOnlyAppends(),
    mishaps: ["power"],
    complaint: /a gap|the log's end|a high watermark/,
  },
};
