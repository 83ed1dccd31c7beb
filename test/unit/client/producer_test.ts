import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { connect, type ConnectOptions, type Producer, type ProducerOptions, type WeirError } from "weir";
import { readRecords } from "../../../src/record/mod.ts";
import { refuse } from "./deeds.ts";
import { countOf, FakeBroker, type Request, wireError } from "./fake_broker.ts";

const HASTY: ConnectOptions = { retryBackoffMs: 1, retryBackoffMsMax: 5, requestTimeoutMs: 2_000 };

async function withProducer(
  topics: Record<string, number>,
  options: ProducerOptions,
  body: (broker: FakeBroker, producer: Producer) => Promise<void>,
): Promise<void> {
  await using broker = new FakeBroker(topics);
  await using weir = await connect(broker.address, HASTY);
  await using producer = weir.producer(options);
  await body(broker, producer);
}

function produces(broker: FakeBroker): Request[] {
  return broker.requests.filter(({ k }) => k === "produce");
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("Producer", () => {
  it("send resolves with where each record landed, an array with an array", async () => {
    await withProducer({ t: 1 }, {}, async (broker, producer) => {
      const one = await producer.send("t", { value: "a", timestamp: 1_000 });
      assert.deepEqual(one, { partition: 0, offset: 0, timestamp: 1_000 });
      const more = await producer.send("t", [{ value: "b", timestamp: new Date(5) }, {
        value: "c",
        timestamp: 6,
      }]);
      assert.deepEqual(more.map(({ offset, timestamp }) => [offset, timestamp]), [[1, 5], [2, 6]]);
      assert.deepEqual(await producer.send("t", []), []);
      assert.deepEqual(broker.values("t", 0), ["a", "b", "c"]);
    });
  });

  it("send puts what is sent at once into one batch, and all partitions into one frame", async () => {
    await withProducer({ t: 3 }, {}, async (broker, producer) => {
      await producer.send("t", { value: "first", partition: 0 });
      await Promise.all(
        Array.from({ length: 300 }, (_, index) => producer.send("t", { value: "x", partition: index % 3 })),
      );
      const [, frame, ...rest] = produces(broker);
      assert.equal(rest.length, 0);
      assert.deepEqual(frame!["entries"].map(({ batch }: Request) => countOf(batch)), [100, 100, 100]);
    });
  });

  it("send keeps the order of a partition over faults, lost answers and lost connections", async () => {
    const deed = fc.constantFrom("well", "well", "fault", "cut", "cut after");
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
        await withProducer({ t: 2 }, { batchBytesMax: 120 }, async (broker, producer) => {
          broker.script = (request) => {
            if (request.k !== "produce") return undefined;
            const next = deeds.shift();
            if (next === "cut" || next === "cut after") return next;
            return next === "fault" ? refuse(request, "NOT_LEADER_OR_FOLLOWER", true) : undefined;
          };
          const sends = Array.from({ length: 40 }, (_, index) => {
            return producer.send("t", { value: String(index), partition: index % 2 });
          });
          await Promise.all(sends);
          for (const partition of [0, 1]) {
            const wanted = Array.from({ length: 20 }, (_, index) => String(2 * index + partition));
            assert.deepEqual([...new Set(broker.values("t", partition))], wanted);
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  it("send retries one failed partition of a frame and leaves the others alone", async () => {
    await withProducer({ t: 2 }, {}, async (broker, producer) => {
      let refused = false;
      broker.script = (request) => {
        if (request.k !== "produce" || refused) return undefined;
        refused = true;
        const baseOffset = broker.append("t", 0, request.entries[0].batch);
        const good = { topic: "t", partition: 0, baseOffset, logAppendTimeMs: -1, logStartOffset: 0 };
        return {
          reply: { entries: [good, { topic: "t", partition: 1, e: wireError("KAFKA_STORAGE_ERROR", true) }] },
        };
      };
      await Promise.all([0, 1].map((partition) => producer.send("t", { value: "v", partition })));
      assert.deepEqual([broker.values("t", 0), broker.values("t", 1)], [["v"], ["v"]]);
    });
  });

  it("send rejects with a fault that no retry helps, once, with its code", async () => {
    await withProducer({ t: 1 }, {}, async (broker, producer) => {
      broker.script = (request) =>
        request.k === "produce" ? refuse(request, "MESSAGE_TOO_LARGE", false) : undefined;
      await assert.rejects(producer.send("t", { value: "v" }), (error: WeirError) => {
        return error.code === "MESSAGE_TOO_LARGE" && !error.retriable &&
          error.message.includes('topic "t", partition 0');
      });
      assert.equal(produces(broker).length, 1);
    });
  });

  it("send rejects with TIMED_OUT, and why, when retries have not helped in time", async () => {
    await withProducer({ t: 1 }, { deliveryTimeoutMs: 1_500 }, async (broker, producer) => {
      broker.script = (request) =>
        request.k === "produce" ? refuse(request, "KAFKA_STORAGE_ERROR", true) : undefined;
      await assert.rejects(producer.send("t", { value: "v" }), (error: WeirError) => {
        return error.code === "TIMED_OUT" && (error.cause as WeirError).code === "KAFKA_STORAGE_ERROR";
      });
      assert.ok(produces(broker).length > 1);
    });
  });

  it("send stops after retriesMax retries", async () => {
    await withProducer({ t: 1 }, { retriesMax: 2 }, async (broker, producer) => {
      broker.script = (request) =>
        request.k === "produce" ? refuse(request, "KAFKA_STORAGE_ERROR", true) : undefined;
      await assert.rejects(producer.send("t", { value: "v" }), isCode("KAFKA_STORAGE_ERROR"));
      assert.equal(produces(broker).length, 3);
    });
  });

  it("send rejects for a topic that stays unknown, and for one that was deleted", async () => {
    await withProducer({ t: 1 }, {}, async (broker, producer) => {
      await assert.rejects(producer.send("nowhere", { value: "v" }), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
      await producer.send("t", { value: "v" });
      broker.addTopic("t", 0);
      await assert.rejects(producer.send("t", { value: "v" }), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
  });

  it("send takes all of an array or, when one record is wrong, none of it", async () => {
    await withProducer({ t: 1 }, {}, async (broker, producer) => {
      await assert.rejects(producer.send("t", [{ value: "a" }, { value: 1n }]), isCode("INVALID_VALUE"));
      await assert.rejects(
        producer.send("t", [{ value: "a" }, { value: "b", partition: 9 }]),
        isCode("INVALID_ARGUMENT"),
      );
      await producer.send("t", { value: "c" });
      assert.deepEqual(broker.values("t", 0), ["c"]);
    });
  });

  it("send waits for room in the buffer and keeps the order of those who wait", async () => {
    await withProducer(
      { t: 1 },
      { bufferBytesMax: 2_000, batchBytesMax: 1_000 },
      async (broker, producer) => {
        await producer.send("t", { value: "x" });
        const values = Array.from({ length: 100 }, (_, index) => String(index).padStart(100, "0"));
        const sends = values.map((value) => producer.send("t", { value }));
        assert.ok(producer.bufferedBytes < 4_000);
        await Promise.all(sends);
        assert.deepEqual(broker.values("t", 0).slice(1), values);
        assert.equal(producer.bufferedBytes, 0);
      },
    );
  });

  it("send rejects with BUFFER_FULL when room does not come in time", async () => {
    await withProducer(
      { t: 1 },
      { bufferBytesMax: 700, deliveryTimeoutMs: 800 },
      async (broker, producer) => {
        await producer.send("t", { value: "x" });
        broker.script = (request) => request.k === "produce" ? "silence" : undefined;
        const sends = [1, 2, 3].map(() => producer.send("t", { value: "x".repeat(300) }));
        const codes = (await Promise.allSettled(sends)).map((result) =>
          (result as PromiseRejectedResult).reason.code
        );
        assert.equal(codes.at(-1), "BUFFER_FULL");
        await assert.rejects(producer.send("t", { value: "x".repeat(1_000) }), isCode("MESSAGE_TOO_LARGE"));
      },
    );
  });

  it("send with acks 0 resolves without an answer, with offset -1", async () => {
    await withProducer({ t: 1 }, { acks: 0 }, async (broker, producer) => {
      assert.equal((await producer.send("t", { value: "v" })).offset, -1);
      await producer.send("t", { value: "w" });
      while (broker.values("t", 0).length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.deepEqual(broker.values("t", 0), ["v", "w"]);
    });
  });

  it("send rejects with ABORTED when its signal fires, and at once when it has fired", async () => {
    await withProducer({ t: 1 }, {}, async (broker, producer) => {
      broker.script = (request) => request.k === "produce" ? "silence" : undefined;
      const controller = new AbortController();
      const pending = producer.send("t", { value: "v" }, { signal: controller.signal });
      setTimeout(() => controller.abort("enough"), 10);
      await assert.rejects(
        pending,
        (error: WeirError) => error.code === "ABORTED" && error.cause === "enough",
      );
      await assert.rejects(
        producer.send("t", { value: "v" }, { signal: controller.signal }),
        isCode("ABORTED"),
      );
      broker.script = () => undefined;
      broker.cut();
    });
  });

  it("send refuses a batch that no frame of the broker can hold", async () => {
    await withProducer({ t: 1 }, {}, async (_broker, producer) => {
      await assert.rejects(producer.send("t", { value: "x".repeat(1 << 20) }), isCode("MESSAGE_TOO_LARGE"));
    });
  });

  it("linger gathers what comes later into the same batch, and flush does not wait for it", async () => {
    await withProducer({ t: 1 }, { lingerMs: 60_000 }, async (broker, producer) => {
      const first = producer.send("t", { value: "a" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const second = producer.send("t", { value: "b" });
      assert.equal(produces(broker).length, 0);
      await producer.flush();
      assert.equal(countOf(produces(broker)[0]!["entries"][0].batch), 2);
      await Promise.all([first, second]);
    });
  });

  it("compression goes into the batch, and a codec nobody knows is refused", async () => {
    for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
      await withProducer({ t: 1 }, { compression }, async (broker, producer) => {
        await producer.send("t", Array.from({ length: 50 }, () => ({ value: "x".repeat(100) })));
        const [batch] = broker.log("t", 0);
        assert.ok(batch!.length < 2_000);
        assert.equal(readRecords(batch!).length, 50);
      });
    }
    await withProducer({ t: 1 }, {}, async (broker) => {
      await using weir = await connect(broker.address);
      assert.throws(
        () => weir.producer({ compression: "brotli" as "gzip" }),
        /Option compression "brotli" must be one of/,
      );
    });
  });

  it("close sends what is left, then refuses", async () => {
    await withProducer({ t: 1 }, { lingerMs: 60_000 }, async (broker, producer) => {
      const pending = producer.send("t", { value: "a" });
      await producer.close();
      assert.equal((await pending).offset, 0);
      await assert.rejects(producer.send("t", { value: "b" }), isCode("CLOSED"));
      assert.deepEqual(broker.values("t", 0), ["a"]);
    });
  });

  it("close fails what cannot be sent without an unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const listen = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      unhandled.push(event.reason);
    };
    globalThis.addEventListener("unhandledrejection", listen);
    try {
      await withProducer({ t: 1 }, { bufferBytesMax: 1_500 }, async (broker, producer) => {
        await producer.send("t", { value: "x" });
        broker.script = (request) => request.k === "produce" ? "silence" : undefined;
        for (let index = 0; index < 10; index++) void producer.send("t", { value: "x".repeat(200) });
        const kept = producer.send("t", { value: "x".repeat(200) });
        await producer.close({ timeoutMs: 20 });
        await assert.rejects(kept, isCode("CLOSED"));
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      globalThis.removeEventListener("unhandledrejection", listen);
    }
    assert.deepEqual(unhandled, []);
  });

  it("writable sends what is written, pushes back, and fails with the first failed record", async () => {
    await withProducer({ t: 1 }, { bufferBytesMax: 2_000 }, async (broker, producer) => {
      const values = Array.from({ length: 50 }, (_, index) => String(index).padStart(100, "0"));
      await ReadableStream.from(values.map((value) => ({ value }))).pipeTo(producer.writable("t"));
      assert.deepEqual(broker.values("t", 0), values);
      broker.script = (request) =>
        request.k === "produce" ? refuse(request, "INVALID_RECORD", false) : undefined;
      const failing = ReadableStream.from([{ value: "x" }]).pipeTo(producer.writable("t"));
      await assert.rejects(failing, isCode("INVALID_RECORD"));
    });
  });
});
