/**
 * A record as tails send it: its text made once for all who want the same form,
 * and the bytes of a large one the same in memory for all who send it at the time.
 */
import type { RecordView } from "../view.ts";
import { type Formats, recordText } from "./values.ts";

/** Forms kept at once; few want another than the one the console asks for. */
const FORMS_MAX = 4;
/** About what a record takes besides its key, value and headers. */
const FRAME_BYTES = 200;
const encoder = new TextEncoder();

export class SharedRecord {
  readonly record: RecordView;
  /** About what it takes, its text aside. */
  readonly bytes: number;
  #forms: Map<string, string> | null = null;
  #encoded: { readonly text: string; readonly bytes: Uint8Array } | null = null;

  constructor(record: RecordView) {
    this.record = record;
    const { key, value, headers } = record;
    this.bytes = FRAME_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) this.bytes += header.key.length + (header.value?.length ?? 0);
  }

  /** The record in JSON. */
  text(formats: Formats): string {
    const name = `${formats.key} ${formats.value}`;
    const known = this.#forms?.get(name);
    if (known !== undefined) return known;
    const text = recordText(this.record, formats);
    if (this.#forms === null || this.#forms.size >= FORMS_MAX) this.#forms = new Map();
    this.#forms.set(name, text);
    return text;
  }

  /** The same as UTF-8, for everybody; not to be changed. */
  encoded(formats: Formats): Uint8Array {
    const text = this.text(formats);
    if (this.#encoded?.text !== text) this.#encoded = { text, bytes: encoder.encode(text) };
    return this.#encoded.bytes;
  }
}
