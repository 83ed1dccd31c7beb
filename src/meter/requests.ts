/**
 * The requests of one door, by what they ask for: how many, how many bytes in and
 * out, how long until the answer was ready, and the errors clients were told.
 * One row of numbers for each name, in one array; errors are rare and sit in a
 * map, bounded by the names and the codes there are.
 *
 *     | requests | bytes in | bytes out | duration sum | duration buckets ... |
 */
import { type Family, histogramSample, type Sample } from "./families.ts";
import { bucketOf, BUCKETS } from "./histogram.ts";
import { type Labels, MICROSECONDS } from "./sheet.ts";

const REQUESTS = 0;
const BYTES_IN = 1;
const BYTES_OUT = 2;
const DURATION = 3;
const ROW = DURATION + 1 + BUCKETS;

export class RequestMeter {
  readonly #door: string;
  readonly #names: readonly string[];
  readonly #values: Float64Array;
  readonly #errors = new Map<string, { labels: Labels; count: number }>();

  /** `names`: what the door's clients may ask for; a request is counted by its place among them. */
  constructor(door: string, names: readonly string[]) {
    this.#door = door;
    this.#names = names;
    this.#values = new Float64Array(names.length * ROW);
  }

  /** A request was answered. */
  answered(request: number, bytesIn: number, bytesOut: number, durationUs: number): void {
    const values = this.#values;
    const row = request * ROW;
    values[row]! += 1;
    values[row + BYTES_IN]! += bytesIn;
    values[row + BYTES_OUT]! += bytesOut;
    values[row + DURATION]! += durationUs;
    values[row + DURATION + 1 + bucketOf(durationUs)]! += 1;
  }

  /** The client was told an error, so many times in one answer. */
  failed(request: number, error: string, count: number): void {
    const api = this.#names[request] ?? "unknown";
    const known = this.#errors.get(`${api} ${error}`);
    if (known !== undefined) known.count += count;
    else this.#errors.set(`${api} ${error}`, { labels: { door: this.#door, api, error }, count });
  }

  /** What was counted. Durations only of what was asked at least once. */
  families(): Family[] {
    const { samples } = this.#durations();
    const errors = [...this.#errors.values()].map(({ labels, count }) => ({ labels, value: count }));
    return [
      this.#counter("weir_requests_total", "Requests answered", REQUESTS),
      this.#counter("weir_request_bytes_total", "Bytes of requests", BYTES_IN),
      this.#counter("weir_response_bytes_total", "Bytes of answers", BYTES_OUT),
      { name: "weir_request_errors_total", help: "Errors told to clients", type: "counter", samples: errors },
      {
        name: "weir_request_duration_seconds",
        help: "From a request's arrival until its answer was ready, long polls with their wait",
        type: "histogram",
        samples,
      },
    ];
  }

  #counter(name: string, help: string, column: number): Family {
    const samples = this.#names.map((api, index): Sample => ({
      labels: { door: this.#door, api },
      value: this.#values[index * ROW + column]!,
    }));
    return { name, help, type: "counter", samples };
  }

  #durations(): { samples: Sample[] } {
    const samples: Sample[] = [];
    this.#names.forEach((api, index) => {
      const row = index * ROW;
      if (this.#values[row] === 0) return;
      const labels = { door: this.#door, api };
      samples.push(histogramSample(this.#values, row + DURATION, MICROSECONDS, labels));
    });
    return { samples };
  }
}
