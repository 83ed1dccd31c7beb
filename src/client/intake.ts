/**
 * Where sends come in. One whose topic is known and for which the buffer has room
 * is encoded into the queues of its partitions at once; every other waits in line
 * behind the earlier ones of its topic, until metadata or room has come.
 */
import type { Content, Header } from "../record/mod.ts";
import type { Accumulator } from "./accumulator.ts";
import type { Delivery } from "./batch.ts";
import { asWeirError, ignore, WeirError } from "./error.ts";
import type { Metadata } from "./metadata.ts";
import type { PartitionerOption } from "./partitioner.ts";
import type { HeadersInput, ProducerRecord } from "./producer_options.ts";
import { defer, type Deferred, nowMs as clockMs, startTimer, stopTimer, type Timer } from "./runtime.ts";
import { type Topic, type TopicCodecs, topicCodecs } from "./topic.ts";
import { TopicRoute } from "./topic_route.ts";

/** What the intake goes by. */
export interface IntakeSettings {
  readonly partitioner: PartitionerOption;
  readonly bufferBytesMax: number;
  readonly deliveryTimeoutMs: number;
  readonly createTopics: boolean;
  /** Called when records were appended. */
  readonly onAppend: () => void;
}

/** A send that cannot go ahead yet. */
interface Waiting {
  readonly codecs: TopicCodecs;
  readonly records: ProducerRecord | readonly ProducerRecord[];
  readonly delivery: Delivery;
  readonly deadlineMs: number;
}

type Route = TopicRoute<Waiting>;

/** Sends that may wait in line: past it they fail with BUFFER_FULL at once. */
const WAITING_MAX = 1_000_000;

/** See the file's head. */
export class Intake {
  #metadata: Metadata;
  #accumulator: Accumulator;
  #settings: IntakeSettings;
  #routes = new Map<string, Route>();
  #waitingCount = 0;
  #waitingTimer: Timer | null = null;
  #keys: Content[] = [];
  #values: Content[] = [];
  #partitions: number[] = [];
  #room: Deferred<void> | null = null;

  constructor(metadata: Metadata, accumulator: Accumulator, settings: IntakeSettings) {
    this.#metadata = metadata;
    this.#accumulator = accumulator;
    this.#settings = settings;
  }

  /** True while more than half of the buffer is full. */
  get crowded(): boolean {
    return this.#accumulator.bufferedBytes > this.#settings.bufferBytesMax / 2;
  }

  /** Resolves when the buffer is no longer {@linkcode crowded}. */
  waitForRoom(): Promise<void> {
    this.#room ??= defer();
    return this.#room.promise;
  }

  /** Resolves when the sends that are in line now are answered or have failed. */
  async settled(): Promise<void> {
    const waiting: Promise<unknown>[] = [];
    for (const route of this.#routes.values()) {
      for (const { delivery } of route.waiting) waiting.push(delivery.promise.catch(ignore));
    }
    await Promise.all(waiting);
  }

  /** Fails what is in line, without a sound. */
  close(error: WeirError): void {
    for (const route of this.#routes.values()) {
      const left = this.#removeWaiting(route, route.waiting.length);
      for (const { delivery } of left) delivery.fail(error, true);
    }
    this.#room?.resolve();
  }

  /** A batch of the partition has left: its topic's records without a key go on to the next one. */
  batchLeft(topic: string, partition: number): void {
    const count = this.#metadata.peek(topic)?.partitions.length ?? 1;
    this.#routes.get(topic)?.batchLeft(partition, count);
  }

  /** Takes what one call sends. */
  accept(
    topic: string | Topic,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
  ): void {
    let codecs: TopicCodecs;
    try {
      codecs = topicCodecs(topic);
    } catch (error) {
      return delivery.fail(asWeirError(error, "INVALID_ARGUMENT", "Sending"), false);
    }
    const route = this.#route(typeof topic === "string" ? topic : topic.name);
    const known = this.#metadata.peek(route.name);
    if (known !== undefined && route.waiting.length === 0 && this.#hasRoom()) {
      this.#append(route, codecs, records, delivery, known.partitions.length);
    } else {
      this.#wait(route, codecs, records, delivery);
    }
  }

  #route(name: string): Route {
    let route = this.#routes.get(name);
    if (route === undefined) this.#routes.set(name, route = new TopicRoute(name, this.#settings.partitioner));
    return route;
  }

  #hasRoom(): boolean {
    return this.#accumulator.bufferedBytes < this.#settings.bufferBytesMax;
  }

  /** Encodes what a call sends into the queues of its partitions; all of it or, with an error, nothing. */
  #append(
    route: Route,
    codecs: TopicCodecs,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
    partitions: number,
  ): void {
    const nowMs = clockMs();
    try {
      if (isArray(records)) {
        for (let index = 0; index < records.length; index++) {
          this.#prepare(route, codecs, records[index]!, partitions, index);
        }
        for (let index = 0; index < records.length; index++) {
          this.#appendPrepared(route, records[index]!, delivery, index, partitions, nowMs);
        }
      } else {
        this.#prepare(route, codecs, records, partitions, 0);
        this.#appendPrepared(route, records, delivery, 0, partitions, nowMs);
      }
    } catch (error) {
      return delivery.fail(asWeirError(error, "INVALID_VALUE", `Sending to topic "${route.name}"`), false);
    }
    this.#settings.onAppend();
  }

  /** Does everything that can fail for record `slot` of a call. */
  #prepare(
    route: Route,
    codecs: TopicCodecs,
    record: ProducerRecord,
    partitions: number,
    slot: number,
  ): void {
    const key = record.key ?? null;
    const value = record.value ?? null;
    const keyContent = key === null ? null : codecs.key.encode(key, "Key");
    const valueContent = value === null ? null : codecs.value.encode(value, "Value");
    const size = (keyContent?.length ?? 0) + (valueContent?.length ?? 0);
    if (size > this.#settings.bufferBytesMax) {
      throw new WeirError(
        "MESSAGE_TOO_LARGE",
        `Record of "${size}" bytes must be at most the ${this.#settings.bufferBytesMax} of bufferBytesMax`,
      );
    }
    checkTimestamp(record.timestamp);
    this.#keys[slot] = keyContent;
    this.#values[slot] = valueContent;
    this.#partitions[slot] = route.choose(keyContent, record.partition, partitions);
  }

  #appendPrepared(
    route: Route,
    record: ProducerRecord,
    delivery: Delivery,
    slot: number,
    partitions: number,
    nowMs: number,
  ): void {
    const partition = this.#partitions[slot]!;
    const queue = route.queue(partition);
    const hadBatch = queue.open !== null;
    const begins = this.#accumulator.append(
      queue,
      record.timestamp === undefined ? nowMs : Number(record.timestamp),
      this.#keys[slot]!,
      this.#values[slot]!,
      headersOf(record.headers),
      delivery,
      slot,
      nowMs,
    );
    if (begins && hadBatch) route.batchLeft(partition, partitions);
    this.#keys[slot] = this.#values[slot] = null;
  }

  /** Puts a send in line behind the earlier ones of its topic. */
  #wait(
    route: Route,
    codecs: TopicCodecs,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
  ): void {
    if (this.#waitingCount >= WAITING_MAX) {
      const message = `No more than ${WAITING_MAX} sends can wait for room in the buffer`;
      return delivery.fail(new WeirError("BUFFER_FULL", message), false);
    }
    const deadlineMs = clockMs() + this.#settings.deliveryTimeoutMs;
    route.waiting.push({ codecs, records, delivery, deadlineMs });
    this.#waitingCount += 1;
    this.#waitingTimer ??= startTimer(this.#settings.deliveryTimeoutMs, () => this.#expireWaiting());
    this.#admit(route);
  }

  /** Lets go ahead who can. */
  #admit(route: Route): void {
    const known = this.#metadata.peek(route.name);
    if (known === undefined) return this.#learn(route);
    let admitted = 0;
    while (admitted < route.waiting.length && this.#hasRoom()) {
      const { codecs, records, delivery } = route.waiting[admitted++]!;
      if (!delivery.settled) this.#append(route, codecs, records, delivery, known.partitions.length);
    }
    this.#removeWaiting(route, admitted);
  }

  #removeWaiting(route: Route, count: number): Waiting[] {
    this.#waitingCount -= count;
    if (this.#waitingCount === 0) {
      stopTimer(this.#waitingTimer);
      this.#waitingTimer = null;
    }
    return route.waiting.splice(0, count);
  }

  #learn(route: Route): void {
    if (route.learning || route.waiting.length === 0) return;
    route.learning = true;
    this.#metadata.get(route.name, this.#settings.createTopics).then(
      () => {
        route.learning = false;
        this.#admit(route);
      },
      (error) => {
        route.learning = false;
        const failed = this.#removeWaiting(route, route.waiting.length);
        for (const { delivery } of failed) delivery.fail(error, false);
      },
    );
  }

  #expireWaiting(): void {
    this.#waitingTimer = null;
    const nowMs = clockMs();
    let earliestMs = Infinity;
    for (const route of this.#routes.values()) {
      let expired = 0;
      while (expired < route.waiting.length && route.waiting[expired]!.deadlineMs <= nowMs) expired++;
      for (const { delivery } of this.#removeWaiting(route, expired)) {
        delivery.fail(new WeirError("BUFFER_FULL", "The buffer stayed full for too long"), false);
      }
      earliestMs = Math.min(earliestMs, route.waiting[0]?.deadlineMs ?? Infinity);
    }
    if (earliestMs === Infinity) return;
    this.#waitingTimer = startTimer(earliestMs - nowMs, () => this.#expireWaiting());
  }

  /** Tells that bytes of the buffer are free again: who waits for that goes ahead. */
  admitAll(): void {
    if (this.#waitingCount > 0) {
      for (const route of this.#routes.values()) if (route.waiting.length > 0) this.#admit(route);
    }
    if (this.#room === null || this.crowded) return;
    this.#room.resolve();
    this.#room = null;
  }
}

function isArray<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

function headersOf(headers: HeadersInput | undefined): readonly Header[] | undefined {
  if (headers === undefined || Array.isArray(headers)) return headers as readonly Header[] | undefined;
  return Object.entries(headers as Readonly<Record<string, Content>>);
}

function checkTimestamp(timestamp: number | Date | undefined): void {
  if (timestamp === undefined || Number.isSafeInteger(Number(timestamp)) && Number(timestamp) >= -1) return;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Timestamp "${String(timestamp)}" must be a Date or whole milliseconds since 1970`,
  );
}
