/**
 * What the settings of a topic allow upkeep to take, over the whole of its life.
 * A change of settings holds from the moment it is asked for; what held before may
 * hold until the change is acknowledged, and a moment longer. So every question is
 * answered for all settings that may have been in force since a record was sent:
 * the broker is never blamed for what it was allowed to do at some time.
 */

/** What the oracle knows of time. */
export interface Time {
  /** Milliseconds that never go back. */
  readonly nowMs: number;
  /** The latest the wall clock has ever shown. */
  readonly wallMaxMs: number;
  /** What the wall clock was set back by, all in all. */
  readonly wallBackMs: number;
}

/** The settings of a topic that upkeep goes by. */
export interface Rules {
  readonly deletes: boolean;
  readonly compacts: boolean;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly lagMsMin: number;
  readonly lagMsMax: number;
  readonly tombstoneMs: number;
  readonly ratioMin: number;
  readonly deleteDelayMs: number;
}

/** A record, as far as its age matters. */
export interface Aged {
  readonly timestamp: number;
  readonly sentMs: number;
}

interface Period {
  readonly rules: Rules;
  untilMs: number;
  /** The latest the wall clock showed in it, or later; NaN while it lasts. */
  wallMaxMs: number;
}

const NEVER = Number.MAX_SAFE_INTEGER;
/** From an acknowledged change of settings until every thread goes by it. */
const GRACE_MS = 50;

/** Reads the settings as they are sent; what is left out has Kafka's default, but for retention: none. */
export function rulesOf(settings: Readonly<Record<string, string | null>>): Rules {
  const limit = (key: string, otherwise: number) => {
    const value = Number(settings[key] ?? otherwise);
    return value < 0 ? NEVER : value;
  };
  const policy = settings["cleanup.policy"] ?? "delete";
  return {
    deletes: policy.includes("delete"),
    compacts: policy.includes("compact"),
    retentionMs: limit("retention.ms", NEVER),
    retentionBytes: limit("retention.bytes", NEVER),
    lagMsMin: limit("min.compaction.lag.ms", 0),
    lagMsMax: limit("max.compaction.lag.ms", NEVER),
    tombstoneMs: limit("delete.retention.ms", 86_400_000),
    ratioMin: limit("min.cleanable.dirty.ratio", 0.5),
    deleteDelayMs: limit("file.delete.delay.ms", 60_000),
  };
}

export class Keeping {
  readonly #time: Time;
  readonly #usesLogAppendTime: boolean;
  readonly #periods: Period[] = [];

  constructor(time: Time, rules: Rules, usesLogAppendTime: boolean) {
    this.#time = time;
    this.#usesLogAppendTime = usesLogAppendTime;
    this.begin(rules);
  }

  /** Now, on the clock that never goes back. */
  get nowMs(): number {
    return this.#time.nowMs;
  }

  /** The rules asked for last. */
  get latest(): Rules {
    return this.#periods.at(-1)!.rules;
  }

  /** True when no other rules may be in force than the latest. */
  get isSettled(): boolean {
    return this.#periods.every(({ untilMs }, index) =>
      index === this.#periods.length - 1 || untilMs < this.#time.nowMs
    );
  }

  /** New rules are asked for. */
  begin(rules: Rules): void {
    this.#periods.push({ rules, untilMs: NEVER, wallMaxMs: NaN });
  }

  /** They are acknowledged. */
  acknowledged(): void {
    for (const period of this.#periods.slice(0, -1)) {
      if (period.untilMs < NEVER) continue;
      period.untilMs = this.#time.nowMs + GRACE_MS;
    }
  }

  /** True when retention may have taken the record, with at most so many bytes of log behind it. */
  mayExpire(record: Aged, bytesAfter: number): boolean {
    return this.#some(
      record,
      ({ deletes, retentionMs, retentionBytes }, ageMs) =>
        deletes && (ageMs > retentionMs || bytesAfter >= retentionBytes),
    );
  }

  /** True when the record may have been in a segment that was compacted. */
  mayBeCleaned(record: Aged): boolean {
    return this.#some(record, ({ compacts, lagMsMin }, ageMs) => compacts && ageMs >= lagMsMin);
  }

  /** True when the record, if it is a tombstone, may have outlived its horizon. */
  mayBeForgotten(record: Aged): boolean {
    const { wallBackMs, wallMaxMs } = this.#time;
    const ageMsNow = wallMaxMs - record.timestamp + wallBackMs;
    return this.#some(
      record,
      ({ compacts, lagMsMin, tombstoneMs }, ageMs) =>
        compacts && ageMs >= lagMsMin && ageMsNow >= lagMsMin + tombstoneMs,
    );
  }

  /** True when retention must have taken the record by age for `forMs`, whatever held before. */
  mustHaveExpired(timestamp: number, forMs: number, wallMs: number): boolean {
    const { deletes, retentionMs } = this.latest;
    return deletes && this.isSettled && wallMs - forMs - timestamp > retentionMs;
  }

  #some({ timestamp, sentMs }: Aged, allows: (rules: Rules, ageMsMax: number) => boolean): boolean {
    // The log's own time may be earlier than what the producer said, by as much as the clock was set back.
    const earliest = timestamp - (this.#usesLogAppendTime ? this.#time.wallBackMs : 0);
    return this.#periods.some((period) =>
      period.untilMs >= sentMs && allows(period.rules, this.#wallMaxMs(period) - earliest)
    );
  }

  #wallMaxMs(period: Period): number {
    if (period.untilMs >= this.#time.nowMs) return this.#time.wallMaxMs;
    if (Number.isNaN(period.wallMaxMs)) period.wallMaxMs = this.#time.wallMaxMs;
    return period.wallMaxMs;
  }
}
