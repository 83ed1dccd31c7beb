/**
 * The requests of the HTTP door, by the part of it they go to, which is the first
 * word of their path: few enough parts for a series each, whatever is asked for.
 */
import { familiesOf, type Family, type Sample, single } from "./families.ts";
import { Meter } from "./meter.ts";
import { Sheet } from "./sheet.ts";

/** The parts; `pages` is everything else. */
const PARTS = ["health", "metrics", "v3", "topics", "groups", "static", "openapi.json", "pages"] as const;
const OTHERS = PARTS.length - 1;

const SHEET = new Sheet();
const DURATIONS = PARTS.map((part) =>
  SHEET.histogram(
    "weir_http_request_duration_seconds",
    "From an HTTP request's arrival until its answer began",
    { labels: { part } },
  )
);

export class HttpMeter {
  readonly #meter = new Meter(SHEET);
  readonly #answers = new Map<string, { readonly labels: Sample["labels"]; value: number }>();

  /** A request for `path` was answered with this status, so long after it came. */
  answered(path: string, status: number, durationUs: number): void {
    const first = path.split("/", 2)[1] ?? "";
    const found = PARTS.findIndex((part) => part === first);
    const place = found < 0 ? OTHERS : found;
    this.#meter.observe(DURATIONS[place]!, durationUs);
    const key = `${place} ${status}`;
    const known = this.#answers.get(key);
    if (known !== undefined) known.value++;
    else this.#answers.set(key, { labels: { part: PARTS[place]!, code: String(status) }, value: 1 });
  }

  /** What was counted: of the parts that were asked for; and what goes on now. */
  families(now: { readonly atWork: number; readonly streams: number }): Family[] {
    const asked = new Set([...this.#answers.values()].map(({ labels }) => labels.part));
    const durations = familiesOf(SHEET, this.#meter.snapshot()).map((family) => ({
      ...family,
      samples: family.samples.filter(({ labels }) => asked.has(labels.part)),
    }));
    const help = "Requests the HTTP door answered, by the first word of their path and the status";
    const samples = [...this.#answers.values()].map((sample) => ({ ...sample }));
    return [
      { name: "weir_http_requests_total", help, type: "counter", samples },
      ...durations,
      single(
        "gauge",
        "weir_http_requests_at_work",
        "HTTP requests at work, the scrape among them",
        now.atWork,
      ),
      single("gauge", "weir_http_streams", "Live tails and streamed requests over HTTP", now.streams),
    ];
  }
}
