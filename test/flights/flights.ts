/**
 * Three million real flights, as the npm package `vega-datasets` ships them: read
 * from Parquet, a JSON text each, in the order of the file. `Tally` says whether
 * two runs over them were the same: counts, bytes, and for each origin a hash
 * over its records in their order.
 */
import { createHash, type Hash } from "node:crypto";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** A flight as it is produced: keyed by origin, its JSON as value. */
export interface Flight {
  readonly origin: string;
  readonly json: string;
}

interface Row {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

/** Rows read at a time. */
const SLICE_ROWS = 100_000;

/** The first `count` flights, in slices. */
export async function* readFlights(count: number): AsyncGenerator<Flight[]> {
  const url = new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets"));
  const { buffer: file } = await Deno.readFile(url);
  for (let rowStart = 0; rowStart < count; rowStart += SLICE_ROWS) {
    const rowEnd = Math.min(count, rowStart + SLICE_ROWS);
    const rows = await parquetReadObjects({ file, compressors, rowStart, rowEnd }) as unknown as Row[];
    yield rows.map((row) => ({
      origin: row.origin,
      json: JSON.stringify({ ...row, delay: Number(row.delay), distance: Number(row.distance) }),
    }));
  }
}

/** What was seen of a run over flights. */
export class Tally {
  readonly #origins = new Map<string, Hash>();
  records = 0;
  bytes = 0;

  add(origin: string, value: Uint8Array | string): void {
    let hash = this.#origins.get(origin);
    if (hash === undefined) this.#origins.set(origin, hash = createHash("sha1"));
    hash.update(value);
    hash.update("\n");
    this.records++;
    this.bytes += value.length;
  }

  /** Ends the tally: one text that is equal for equal runs. */
  close(): string {
    const origins = [...this.#origins].sort(([a], [b]) => a < b ? -1 : 1)
      .map(([origin, hash]) => `${origin} ${hash.digest("hex")}`);
    return [`${this.records} records`, `${this.bytes} bytes`, ...origins].join("\n");
  }
}
