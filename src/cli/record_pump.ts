/**
 * Lines to records to the broker, no faster than the broker takes them: what is
 * sent and not yet acknowledged stays below a bound. The first record that fails
 * stops the pump; what was sent before it is still waited for and counted.
 */
import type { Producer, ProducerRecord, Topic } from "../client/mod.ts";

/** How a line becomes a record; `line` counts from 1, for what it throws. */
export type RecordOfLine = (bytes: Uint8Array, line: number) => ProducerRecord<Uint8Array, Uint8Array>;

/** Bytes sent and not yet acknowledged, past which no more is sent. */
const UNACKNOWLEDGED_BYTES_MAX = 16_777_216;
/** What a record costs in memory beside its bytes, roughly. */
const RECORD_OVERHEAD_BYTES = 256;

/** See the file's head. */
export class RecordPump {
  readonly #producer: Producer;
  readonly #target: Topic<"bytes", "bytes">;
  readonly #recordOf: RecordOfLine;
  #lines = 0;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  constructor(producer: Producer, target: Topic<"bytes", "bytes">, recordOf: RecordOfLine) {
    this.#producer = producer;
    this.#target = target;
    this.#recordOf = recordOf;
  }

  /** Records acknowledged so far; with acks 0, handed over. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Sends lines, in order. Throws the first failure, of an earlier call too. The lines' bytes must stay as they are. */
  async send(lines: Iterable<Uint8Array>): Promise<void> {
    for (const line of lines) {
      this.#sendOne(line, ++this.#lines);
      if (this.#unacknowledgedBytes > UNACKNOWLEDGED_BYTES_MAX) {
        await this.#until(UNACKNOWLEDGED_BYTES_MAX / 2);
      }
    }
    this.throwFailure();
  }

  /** Resolves when every record sent was acknowledged or refused. */
  settled(): Promise<void> {
    return this.#until(0);
  }

  /** Throws the first failure there was. */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #sendOne(line: Uint8Array, number: number): void {
    const record = this.#recordOf(line, number);
    const cost = line.length + RECORD_OVERHEAD_BYTES;
    this.#unacknowledgedBytes += cost;
    this.#producer.send(this.#target, record).then(
      () => this.#settle(cost, true),
      (error: unknown) => {
        this.#failure ??= error;
        this.#settle(cost, false);
      },
    );
  }

  #settle(cost: number, acknowledged: boolean): void {
    this.#unacknowledgedBytes -= cost;
    if (acknowledged) this.#acknowledged++;
    this.#wake?.();
  }

  async #until(bytes: number): Promise<void> {
    while (this.#unacknowledgedBytes > bytes) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#wake = null;
  }
}

/** Where `wanted` (at least one byte) begins in `bytes`, −1 when it is not there. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array): number {
  const first = wanted[0]!;
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(first); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
