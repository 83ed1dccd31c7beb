/**
 * The last fifteen minutes, for charts: while somebody looks at the console, the
 * metrics are read every two seconds and a few numbers of them kept, in rings of
 * a fixed size. Nobody there for a quarter of an hour: it stops, and costs nothing.
 */
import type { Clock } from "../../host/mod.ts";
import type { MetricFamily } from "../view.ts";
import { numbersOf, type Totals, totalsOf } from "./readings.ts";

const PERIOD_MS = 2_000;
/** 15 minutes. */
const LENGTH = 450;
const IDLE_MS_MAX = 900_000;
/** Reading takes at most this share of the time. */
const SHARE_MAX = 0.05;
/** Names with a ring of their own; of more than that, those are kept that somebody looks at. */
const NAMES_MAX = 600;
/** Who asked for a line so long ago no longer looks at it. */
const WANTED_MS_MAX = 60_000;

/** Points of some series: times in seconds since 1970, then each series' values, `null` where there is none. */
export interface Points {
  readonly names: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
}

type Families = () => Promise<readonly MetricFamily[]>;

export class Pulse {
  readonly #clock: Clock;
  readonly #families: Families;
  readonly #times = new Float64Array(LENGTH);
  readonly #rings = new Map<string, Float64Array>();
  /** When a line was last asked for. */
  readonly #wantedMs = new Map<string, number>();
  /** All numbers of the newest reading, whether or not they have a ring. */
  #newest: ReadonlyMap<string, number> = new Map();
  /** Readings taken since the beginning; the newest lies at `#taken - 1`. */
  #taken = 0;
  #last: Totals | null = null;
  #askedMs = 0;
  #callOff: (() => void) | null = null;
  #isClosed = false;
  #reading: Promise<void> | null = null;

  constructor(clock: Clock, families: Families) {
    this.#clock = clock;
    this.#families = families;
  }

  /** Somebody looks. Resolves once there is a reading that is no older than a period or two. */
  async look(): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#askedMs > IDLE_MS_MAX) this.#forget();
    this.#askedMs = nowMs;
    if (this.#callOff === null && !this.#isClosed) this.#reading ??= this.#read();
    await this.#reading;
  }

  /** The newest value, also of what has no ring; not a number while there is none. */
  value(name: string): number {
    return this.#newest.get(name) ?? NaN;
  }

  /** Every name that begins with `prefix` with its newest value, the largest first, without the prefix. */
  ranked(prefix: string): [name: string, value: number][] {
    return [...this.#newest].filter(([name]) => name.startsWith(prefix))
      .map(([name, value]): [string, number] => [name.slice(prefix.length), value])
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }

  /** The points of the named series after `sinceMs`. */
  points(names: readonly string[], sinceMs: number): Points {
    for (const name of names) this.#want(name);
    const places: number[] = [];
    for (let at = Math.max(0, this.#taken - LENGTH); at < this.#taken; at++) {
      if (this.#times[at % LENGTH]! > sinceMs) places.push(at % LENGTH);
    }
    const row = (ring: Float64Array | undefined) =>
      places.map((place) => {
        const value = ring?.[place];
        return value === undefined || Number.isNaN(value) ? null : value;
      });
    return {
      names,
      rows: [
        places.map((place) => this.#times[place]! / 1_000),
        ...names.map((name) => row(this.#rings.get(name))),
      ],
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff?.();
    this.#callOff = null;
  }

  #forget(): void {
    this.#taken = 0;
    this.#last = null;
    this.#newest = new Map();
    this.#rings.clear();
    this.#wantedMs.clear();
  }

  async #read(): Promise<void> {
    const beganMs = this.#clock.now();
    try {
      const totals = totalsOf(await this.#families(), this.#clock.now());
      this.#keep(totals.atMs, numbersOf(totals, this.#last));
      this.#last = totals;
    } finally {
      this.#reading = null;
      this.#plan(this.#clock.now() - beganMs);
    }
  }

  #plan(tookMs: number): void {
    this.#callOff = null;
    if (this.#isClosed || this.#clock.now() - this.#askedMs > IDLE_MS_MAX) return;
    this.#callOff = this.#clock.after(Math.max(PERIOD_MS, tookMs / SHARE_MAX), () => {
      this.#callOff = null;
      this.#reading ??= this.#read();
      this.#reading.catch(() => {});
    });
  }

  /** A line that somebody wants drawn takes, where there is no room, the place of one that nobody does. */
  #want(name: string): void {
    const nowMs = this.#clock.now();
    const value = this.#newest.get(name);
    if (value === undefined) return;
    this.#wantedMs.set(name, nowMs);
    if (this.#rings.has(name)) return;
    if (this.#rings.size >= NAMES_MAX) this.#dropUnwanted(nowMs);
    if (this.#rings.size < NAMES_MAX) this.#begin(name, value);
  }

  /** What the broker does as a whole is kept: its names are single words. */
  #dropUnwanted(nowMs: number): void {
    for (const [name, wantedMs] of this.#wantedMs) {
      if (nowMs - wantedMs > WANTED_MS_MAX) this.#wantedMs.delete(name);
    }
    for (const name of this.#rings.keys()) {
      if (!name.includes(" ") || this.#wantedMs.has(name)) continue;
      this.#rings.delete(name);
      return;
    }
  }

  #begin(name: string, value: number): void {
    const ring = new Float64Array(LENGTH).fill(NaN);
    ring[(this.#taken - 1) % LENGTH] = value;
    this.#rings.set(name, ring);
  }

  #keep(atMs: number, numbers: ReadonlyMap<string, number>): void {
    const place = this.#taken++ % LENGTH;
    this.#times[place] = atMs;
    this.#newest = numbers;
    for (const [name, ring] of this.#rings) {
      ring[place] = numbers.get(name) ?? NaN;
      if (!numbers.has(name) && ring.every(Number.isNaN)) this.#rings.delete(name);
    }
    // First those of the broker as a whole, whose names are single words.
    for (const isWhole of [true, false]) {
      for (const [name, value] of numbers) {
        if (isWhole === name.includes(" ") || this.#rings.has(name)) continue;
        if (this.#rings.size < NAMES_MAX) this.#begin(name, value);
      }
    }
  }
}
