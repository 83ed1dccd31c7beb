/** Brokers broken on purpose: each breaks one promise, and the oracle must say so. */
import { crc32c } from "../../src/bytes/mod.ts";
import { Shard, type ShardOptions } from "../../src/partition/mod.ts";
import type { Disk, DiskFile } from "../../src/storage/mod.ts";
import type { Sabotage } from "./simulation.ts";

/** A disk whose files say that they are synced and are not. */
export function liar(disk: Disk): Disk {
  const lying = (file: DiskFile): DiskFile =>
    new Proxy(file, {
      get(target, name) {
        if (name === "sync") return () => {};
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  return new Proxy(disk, {
    get(target, name) {
      if (name === "open") return (...rest: Parameters<Disk["open"]>) => lying(target.open(...rest));
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A shard that takes acks=all for acks=1. */
function hasty(options: ShardOptions): Pick<Shard, "turn" | "wakeMs"> {
  const shard = new Shard(options);
  return {
    get wakeMs() {
      return shard.wakeMs;
    },
    turn: (inputs, nowMs) =>
      shard.turn(
        inputs.map((input) => input.kind === "append" && input.acks === -1 ? { ...input, acks: 1 } : input),
        nowMs,
      ),
  };
}

/** A shard that appends now and then twice, as a careless retry would. */
function stuttering(options: ShardOptions): Pick<Shard, "turn" | "wakeMs"> {
  const shard = new Shard(options);
  let count = 0;
  return {
    get wakeMs() {
      return shard.wakeMs;
    },
    turn(inputs, nowMs) {
      const doubled = inputs.flatMap((input) => {
        if (input.kind !== "append" || ++count % 20 !== 0) return [input];
        return [{ ...input, acks: 0 as const, batch: input.batch.slice() }, input];
      });
      return shard.turn(doubled, nowMs);
    },
  };
}

/** A shard that takes idempotent producers for others. */
function careless(options: ShardOptions): Pick<Shard, "turn" | "wakeMs"> {
  const shard = new Shard(options);
  return {
    get wakeMs() {
      return shard.wakeMs;
    },
    turn(inputs, nowMs) {
      for (const input of inputs) {
        if (input.kind !== "append" || input.batch.length < 61) continue;
        const view = new DataView(input.batch.buffer, input.batch.byteOffset, input.batch.byteLength);
        if (view.getUint32(17) !== crc32c(input.batch, 21)) continue;
        // Producer id, epoch and sequence: −1, none.
        input.batch.fill(0xff, 43, 57);
        view.setUint32(17, crc32c(input.batch, 21));
      }
      return shard.turn(inputs, nowMs);
    },
  };
}

/** A shard that acknowledges, now and then, what it did not append. */
function forgetful(options: ShardOptions): Pick<Shard, "turn" | "wakeMs"> {
  const shard = new Shard(options);
  let count = 0;
  let nextOffset = 0;
  return {
    get wakeMs() {
      return shard.wakeMs;
    },
    turn(inputs, nowMs) {
      const dropped = inputs.filter((input) =>
        input.kind === "append" && input.acks !== 0 && ++count % 20 === 0
      );
      const outputs = shard.turn(inputs.filter((input) => !dropped.includes(input)), nowMs);
      for (const output of outputs) if (output.kind === "appended") nextOffset = output.baseOffset + 1_000;
      for (const input of dropped) {
        if (!("id" in input)) continue;
        const { id } = input;
        const baseOffset = nextOffset++;
        outputs.push({
          kind: "appended",
          id,
          baseOffset,
          logAppendTimeMs: -1,
          logStartOffset: 0,
          fault: null,
        });
      }
      return outputs;
    },
  };
}

/** A broker that breaks one promise, and the words the oracle has for it. */
export interface Broken extends Sabotage {
  readonly complaint: RegExp;
}

/** By what is broken. */
export const SABOTAGES: Readonly<Record<string, Broken>> = {
  "a disk that does not sync": {
    disk: liar,
    mishaps: ["power", "kill"],
    complaint:
      /a high watermark that was|the log's end, known was|is gone|a gap|"data\/meta.properties": version is ""/,
  },
  "a shard that answers acks=all before the flush": {
    makeShard: hasty,
    mishaps: ["power"],
    complaint: /a high watermark that was|the log's end, known was/,
  },
  "no check of CRCs on read": {
    assignments: ["crc.check.on.read=false"],
    mishaps: ["flip"],
    complaint: /a batch whose CRC does not hold/,
  },
  "an append that is done twice": {
    makeShard: stuttering,
    mishaps: [],
    complaint: /that is at offset \d+ too/,
  },
  "a retry that is appended again": {
    makeShard: careless,
    mishaps: ["cut", "kill"],
    complaint: /that is at offset \d+ too/,
  },
  "an append that is acknowledged and not done": {
    makeShard: forgetful,
    mishaps: [],
    complaint: /a high watermark that was|two values|nothing can be read|a gap/,
  },
};
