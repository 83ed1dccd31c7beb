/** Idempotent producers against a broker that fails in every way it can: what is acknowledged is there once, in order. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { connect, type ConnectOptions, type Producer, type ProducerOptions, type WeirError } from "weir";
import { baseSequence, producerEpoch, producerId } from "../../../src/record/mod.ts";
import { KINDS, pause, refuse, script } from "./deeds.ts";
import { FakeBroker, type Request, wireError } from "./fake_broker.ts";

const HASTY: ConnectOptions = { retryBackoffMs: 1, retryBackoffMsMax: 5, requestTimeoutMs: 2_000 };

async function withProducer(
  options: ProducerOptions,
  body: (broker: FakeBroker, producer: Producer) => Promise<void>,
): Promise<void> {
  await using broker = new FakeBroker({ t: 2 });
  await using weir = await connect(broker.address, HASTY);
  await using producer = weir.producer(options);
  await body(broker, producer);
}

/** Producer id, epoch and base sequence of each batch sent to partition 0. */
function stampsOf(broker: FakeBroker): number[][] {
  const entries: Request[] = broker.requests.filter(({ k }) => k === "produce").flatMap(({ entries }) =>
    entries
  );
  return entries.filter(({ partition }) => partition === 0).map(({ batch }) => {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    return [producerId(view, 0), producerEpoch(view, 0), baseSequence(view, 0)];
  });
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("Producer, idempotent", () => {
  it("puts each acknowledged record into the log once and in order, whatever fails", async () => {
    const deed = fc.constantFrom("well", ...KINDS.filter((kind) => kind !== "forget"));
    const inFlight = fc.integer({ min: 1, max: 5 });
    const retries = fc.constantFrom(0, 2, Infinity);
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 16 }),
        inFlight,
        retries,
        async (deeds, inFlightMax, retriesMax) => {
          await withProducer({ batchBytesMax: 130, inFlightMax, retriesMax }, async (broker, producer) => {
            script(broker, deeds);
            const sends = Array.from({ length: 60 }, (_, index) => {
              return producer.send("t", { value: String(index), partition: index % 2 });
            });
            const results = await Promise.allSettled(sends);
            for (const partition of [0, 1]) {
              const log = broker.values("t", partition).map(Number);
              assert.deepEqual(log, [...new Set(log)].sort((one, other) => one - other), "once, in order");
            }
            for (const [index, result] of results.entries()) {
              const log = broker.values("t", index % 2);
              if (result.status === "fulfilled") assert.equal(log[result.value.offset], String(index));
              else if (retriesMax === Infinity && !deeds.includes("refuse for good")) {
                // Only then: inFlightMax batches were written, and the broker forgot all but the last of them.
                assert.ok(inFlightMax > 1 && deeds.includes("restart cleanly"), String(result.reason));
              }
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("stamps batches with one producer id and running sequences, for each partition its own", async () => {
    await withProducer({}, async (broker, producer) => {
      await producer.send("t", [{ value: "a", partition: 0 }, { value: "b", partition: 0 }]);
      await producer.send("t", { value: "c", partition: 1 });
      await producer.send("t", { value: "d", partition: 0 });
      assert.deepEqual(stampsOf(broker), [[40, 0, 0], [40, 0, 2]]);
      assert.equal(broker.requests.filter(({ k }) => k === "init_producer_id").length, 1);
    });
  });

  it("sends a batch whose answer was lost again as it was, and gives the offset it had", async () => {
    for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
      await withProducer({ compression }, async (broker, producer) => {
        await producer.send("t", { value: "a", partition: 0 });
        let isFirst = true;
        broker.script = ({ k }) => {
          const cut = k === "produce" && isFirst;
          if (cut) isFirst = false;
          return cut ? "cut after" : undefined;
        };
        assert.equal((await producer.send("t", { value: "b", partition: 0 })).offset, 1);
        assert.deepEqual(broker.values("t", 0), ["a", "b"]);
        assert.deepEqual(stampsOf(broker), [[40, 0, 0], [40, 0, 1], [40, 0, 1]]);
      });
    }
  });

  it("begins the next epoch at 0 after a batch failed for good, with what was sent behind it", async () => {
    await withProducer({ batchBytesMax: 80, inFlightMax: 5 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      let count = 0;
      broker.script = (request) => {
        return request.k === "produce" && ++count === 1
          ? refuse(request, "MESSAGE_TOO_LARGE", false)
          : undefined;
      };
      const sends = ["b", "c", "d"].map((value) => producer.send("t", { value, partition: 0 }));
      await assert.rejects(sends[0]!, isCode("MESSAGE_TOO_LARGE"));
      assert.deepEqual((await Promise.all(sends.slice(1))).map(({ offset }) => offset), [1, 2]);
      assert.deepEqual(broker.values("t", 0), ["a", "c", "d"]);
      assert.deepEqual(stampsOf(broker), [
        [40, 0, 0],
        [40, 0, 1],
        [40, 0, 2],
        [40, 0, 3],
        [40, 1, 0],
        [40, 1, 1],
      ]);
    });
  });

  it("fails a batch that may be in the log and that the broker does not recognise, and goes on", async () => {
    await withProducer({}, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      let count = 0;
      broker.script = (request) => {
        if (request.k !== "produce") return undefined;
        return ++count === 1
          ? "cut"
          : count === 2
          ? refuse(request, "OUT_OF_ORDER_SEQUENCE_NUMBER", false)
          : undefined;
      };
      await assert.rejects(
        producer.send("t", { value: "b", partition: 0 }),
        isCode("OUT_OF_ORDER_SEQUENCE_NUMBER"),
      );
      assert.equal((await producer.send("t", { value: "c", partition: 0 })).offset, 1);
      assert.deepEqual(stampsOf(broker).at(-1), [40, 1, 0]);
    });
  });

  it("keeps its epoch when a batch is refused only because the one before is missing for now", async () => {
    await withProducer({ batchBytesMax: 80, inFlightMax: 5 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      script(broker, ["refuse for now"]);
      await Promise.all(["b", "c"].map((value) => producer.send("t", { value, partition: 0 })));
      assert.deepEqual(broker.values("t", 0), ["a", "b", "c"]);
      assert.deepEqual(stampsOf(broker), [[40, 0, 0], [40, 0, 1], [40, 0, 2], [40, 0, 1], [40, 0, 2]]);
    });
  });

  it("lets nothing of the next epoch leave before all of the last is settled", async () => {
    await withProducer({ batchBytesMax: 80, inFlightMax: 2 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      script(broker, ["refuse for good", "well, in a while"]);
      const sends = ["b", "c", "d", "e"].map((value) => producer.send("t", { value, partition: 0 }));
      await assert.rejects(sends[0]!, isCode("MESSAGE_TOO_LARGE"));
      await Promise.all(sends.slice(1));
      assert.deepEqual(broker.values("t", 0), ["a", "c", "d", "e"]);
    });
  });

  it("sends a retry alone, so that nothing overtakes it where the broker has forgotten the producer", async () => {
    await withProducer({ batchBytesMax: 80, inFlightMax: 5 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      script(broker, ["cut", "forget"]);
      await Promise.all(["b", "c", "d"].map((value) => producer.send("t", { value, partition: 0 })));
      assert.deepEqual(broker.values("t", 0), ["a", "b", "c", "d"]);
    });
  });

  it("does not give a batch another number that may be in the log under the first", async () => {
    await withProducer({ batchBytesMax: 80, inFlightMax: 5 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      script(broker, ["write, and say it failed", "write, and say it failed", "restart cleanly"]);
      const [b, c] = ["b", "c"].map((value) => producer.send("t", { value, partition: 0 }));
      await assert.rejects(b!, isCode("OUT_OF_ORDER_SEQUENCE_NUMBER"));
      assert.equal((await c!).offset, 2);
      assert.deepEqual(broker.values("t", 0), ["a", "b", "c"]);
    });
  });

  it("goes on with the next record after one failed for good, without a retry", async () => {
    await withProducer({ retriesMax: 0 }, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      for (const deed of ["refuse for good", "cut", "cut after"] as const) {
        script(broker, [deed]);
        await assert.rejects(producer.send("t", { value: "b", partition: 0 }));
        await producer.send("t", { value: "c", partition: 0 });
      }
      assert.deepEqual(broker.values("t", 0), ["a", "c", "c", "b", "c"]);
      assert.deepEqual(stampsOf(broker).at(-1), [40, 3, 0]);
    });
  });

  it("asks for another producer id when its own is fenced", async () => {
    await withProducer({}, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      let count = 0;
      broker.script = (request) => {
        return request.k === "produce" && ++count === 1
          ? refuse(request, "INVALID_PRODUCER_EPOCH", false)
          : undefined;
      };
      assert.equal((await producer.send("t", { value: "b", partition: 0 })).offset, 1);
      assert.deepEqual(stampsOf(broker), [[40, 0, 0], [40, 0, 1], [41, 0, 0]]);
    });
  });

  it("begins anew with a broker of another cluster, where its id may be somebody else's", async () => {
    await withProducer({}, async (broker, producer) => {
      await producer.send("t", { value: "a", partition: 0 });
      broker.hello = { ...broker.hello, cluster: "other" };
      for (const producers of broker.producers.values()) producers.clear();
      broker.producerId = 7;
      broker.cut();
      assert.equal((await producer.send("t", { value: "b", partition: 0 })).offset, 1);
      assert.deepEqual(stampsOf(broker), [[40, 0, 0], [7, 0, 0]]);
    });
  });

  it("waits for its id while the broker has none, and fails what waits when there is to be none", async () => {
    await withProducer({}, async (broker, producer) => {
      let count = 0;
      broker.script = ({ k }) => {
        if (k !== "init_producer_id") return undefined;
        return ++count < 3 ? { reply: { e: wireError("COORDINATOR_NOT_AVAILABLE", true) } } : undefined;
      };
      assert.equal((await producer.send("t", { value: "a", partition: 0 })).offset, 0);
      assert.equal(count, 3);
    });
    await withProducer({}, async (broker, producer) => {
      broker.script = ({ k }) =>
        k === "init_producer_id" ? { reply: { e: wireError("INVALID_REQUEST") } } : undefined;
      await assert.rejects(producer.send("t", { value: "a" }), isCode("INVALID_REQUEST"));
      broker.script = () => undefined;
      assert.equal((await producer.send("t", { value: "b", partition: 0 })).offset, 0);
    });
    await withProducer({ deliveryTimeoutMs: 60 }, async (broker, producer) => {
      broker.script = ({ k }) =>
        k === "init_producer_id" ? { reply: { e: wireError("COORDINATOR_NOT_AVAILABLE", true) } } : undefined;
      await assert.rejects(producer.send("t", { value: "a" }), (error: WeirError) => {
        return error.code === "TIMED_OUT" && (error.cause as WeirError).code === "COORDINATOR_NOT_AVAILABLE";
      });
    });
  });

  it("is what acks all give, and what other acks cannot", async () => {
    for (const options of [{ acks: 1 }, { acks: 0 }, { idempotent: false }] as const) {
      await withProducer(options, async (broker, producer) => {
        await producer.send("t", { value: "a", partition: 0 });
        while (broker.values("t", 0).length < 1) await pause(1);
        assert.deepEqual(stampsOf(broker), [[-1, -1, -1]]);
      });
    }
    await withProducer({}, async (broker) => {
      await using weir = await connect(broker.address);
      const wrong = (options: object, words: RegExp) => assert.throws(() => weir.producer(options), words);
      wrong({ idempotent: true, acks: 1 }, /Option acks "1" must be "all" for an idempotent producer/);
      wrong({ inFlightMax: 6 }, /Option inFlightMax "6" must be at most 5 for an idempotent producer, or/);
      wrong({ idempotent: "yes" }, /Option idempotent "yes" must be one of true, false/);
      await weir.producer({ inFlightMax: 6, acks: 1 }).close();
    });
  });
});
