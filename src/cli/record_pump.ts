/**
 * Lines to records to the broker, no faster than the broker takes them: what is
 * sent and not yet acknowledged stays below a bound. The first record that fails
 * stops the pump; what was sent before it is still waited for and counted.
 */
import type { Producer, Topic } from "../client/mod.ts";
import { CommandError } from "./command.ts";

/** How a line becomes a record. */
export interface LinePlan {
  readonly target: Topic<"bytes", "bytes">;
  /** What stands between key and value; `null` for records without a key. */
  readonly separator: Uint8Array | null;
  readonly partition: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Bytes sent and not yet acknowledged, past which no more is sent. */
const UNACKNOWLEDGED_BYTES_MAX = 16_777_216;
/** What a record costs in memory beside its bytes, roughly. */
const RECORD_OVERHEAD_BYTES = 256;

/** See the file's head. */
export class RecordPump {
  readonly #producer: Producer;
  readonly #plan: LinePlan;
  #lines = 0;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  constructor(producer: Producer, plan: LinePlan) {
    this.#producer = producer;
    this.#plan = plan;
  }

  /** Records acknowledged so far; with acks 0, handed over. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Sends lines, in order. Throws the first failure, of an earlier call too. The lines' bytes must stay as they are. */
  async send(lines: Iterable<Uint8Array>): Promise<void> {
    for (const line of lines) {
      this.#lines++;
      this.#sendOne(line);
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

  #sendOne(line: Uint8Array): void {
    const { key, value } = this.#split(line);
    const cost = line.length + RECORD_OVERHEAD_BYTES;
    this.#unacknowledgedBytes += cost;
    const { target, partition, headers } = this.#plan;
    this.#producer.send(target, { key, value, headers, partition }).then(
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

  #split(line: Uint8Array): { key: Uint8Array | null; value: Uint8Array } {
    const { separator } = this.#plan;
    if (separator === null) return { key: null, value: line };
    const at = indexOfBytes(line, separator);
    if (at >= 0) return { key: line.subarray(0, at), value: line.subarray(at + separator.length) };
    const wanted = new TextDecoder().decode(separator);
    throw new CommandError(`Line ${this.#lines} has no key: it lacks the separator "${wanted}"`);
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
