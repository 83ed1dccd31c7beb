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
/** Names with a ring of their own; more than that are not drawn. */
const NAMES_MAX = 600;

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

  /** The newest value; not a number while there is none. */
  value(name: string): number {
    return this.#taken === 0 ? NaN : this.#rings.get(name)?.[(this.#taken - 1) % LENGTH] ?? NaN;
  }

  /** Every name that begins with `prefix` with its newest value, the largest first, without the prefix. */
  ranked(prefix: string): [name: string, value: number][] {
    return [...this.#rings.keys()].filter((name) => name.startsWith(prefix))
      .map((name): [string, number] => [name.slice(prefix.length), this.value(name)])
      .filter(([, value]) => Number.isFinite(value))
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }

  /** The points of the named series after `sinceMs`. */
  points(names: readonly string[], sinceMs: number): Points {
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
    this.#rings.clear();
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

  #keep(atMs: number, numbers: ReadonlyMap<string, number>): void {
    const place = this.#taken++ % LENGTH;
    this.#times[place] = atMs;
    for (const [name, ring] of this.#rings) {
      ring[place] = numbers.get(name) ?? NaN;
      if (!numbers.has(name) && ring.every(Number.isNaN)) this.#rings.delete(name);
    }
    for (const [name, value] of numbers) {
      if (this.#rings.has(name) || this.#rings.size >= NAMES_MAX) continue;
      const ring = new Float64Array(LENGTH).fill(NaN);
      ring[place] = value;
      this.#rings.set(name, ring);
    }
  }
}
