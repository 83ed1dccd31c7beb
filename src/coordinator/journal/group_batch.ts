/** Group records on their way into one batch of a log. Called by the group journal. */
import type { Log } from "../../log/mod.ts";
import { type Fault, fault, type Image } from "../../model/mod.ts";
import { BatchBuilder } from "../../record/mod.ts";
import type { GroupRecord } from "../groups/record.ts";
import { GroupEncoder } from "./encode_groups.ts";

/** The most that one command may write. */
const COMMAND_BYTES_MAX = 33_554_432;
/** The largest batch: what lies together when it is written again is a little more than a command. */
export const GROUP_BATCH_BYTES_MAX = 2 * COMMAND_BYTES_MAX;
/** A builder that grew past this is not kept. */
const BUILDER_BYTES_KEPT = 524_288;

export class GroupBatch {
  readonly #encoder = new GroupEncoder();
  #builder = new BatchBuilder();

  /** Bytes of what was added since the last `put`. */
  get bytes(): number {
    return this.#builder.recordCount === 0 ? 0 : this.#builder.bytes;
  }

  /** More than one command may write: `put` refuses it, whatever else is added. */
  get isTooMuch(): boolean {
    return this.bytes > COMMAND_BYTES_MAX;
  }

  /** Adds a record, written at `nowMs`. */
  add(image: Image, record: GroupRecord, nowMs: number): void {
    this.#encoder.encode(this.#builder, image, record, nowMs);
  }

  /**
   * Appends what was added as one batch, if anything; whatever comes of it, it is gone from here.
   * POLICY_VIOLATION for more than `bytesMax`, else the log's fault.
   */
  put(log: Log, nowMs: number, bytesMax: number = COMMAND_BYTES_MAX): Fault | null {
    const { bytes } = this;
    if (bytes === 0) return null;
    try {
      const appended = bytes > bytesMax
        ? fault(
          "POLICY_VIOLATION",
          `Request changes too much at once: "${bytes}" bytes of group records and more`,
        )
        : log.append(this.#builder.build({ leaderEpoch: log.leaderEpoch }), nowMs);
      return "code" in appended ? appended : null;
    } finally {
      if (bytes > BUILDER_BYTES_KEPT) this.#builder = new BatchBuilder();
      else this.#builder.reset();
    }
  }
}
