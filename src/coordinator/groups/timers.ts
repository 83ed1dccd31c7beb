/**
 * Timers of groups: at most one for each group and key, set to a moment,
 * moved, called off. A heap by moment. A timer that is moved to later, as every
 * heartbeat does, leaves its node where it is: the node moves down when it comes
 * to the top. So a heartbeat costs a look-up and no more. Called by `groups.ts`.
 */
import { assert, assertInteger } from "../../model/mod.ts";

/** A timer that is due. */
export interface DueTimer {
  readonly group: string;
  readonly key: string;
}

interface Timer extends DueTimer {
  dueMs: number;
  /** Set when the timers had been set so often. */
  order: number;
  /** Its place in the heap goes by this moment, which is not after `dueMs`. */
  node: Node;
}

interface Node {
  readonly timer: Timer;
  readonly atMs: number;
  readonly order: number;
}

/** When nothing is due, ever. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER;
/** The heap is made anew when it has twice as many nodes as there are timers, and so many more. */
const DEAD_NODES_MIN = 1_024;

export class GroupTimers {
  readonly #byGroup = new Map<string, Map<string, Timer>>();
  #heap: Node[] = [];
  #order = 0;
  #count = 0;

  /** Timers set so far: what `take` is told so as to leave out those set since. */
  get order(): number {
    return this.#order;
  }

  /** Timers that are set. */
  get count(): number {
    return this.#count;
  }

  /** When the next timer is due; NEVER_MS when none is set. */
  get earliestMs(): number {
    this.#settleTop();
    return this.#heap[0]?.atMs ?? NEVER_MS;
  }

  /** True when the group has a timer. */
  has(group: string): boolean {
    return this.#byGroup.has(group);
  }

  /** Sets the group's timer `key`, or moves it. */
  set(group: string, key: string, dueMs: number): void {
    assertInteger(dueMs, 0, "a timer's moment");
    let timers = this.#byGroup.get(group);
    if (timers === undefined) this.#byGroup.set(group, timers = new Map());
    const known = timers.get(key);
    const order = this.#order++;
    if (known !== undefined && known.node.atMs <= dueMs) {
      known.dueMs = dueMs;
      known.order = order;
      return;
    }
    if (known === undefined) this.#count++;
    const timer = { group, key, dueMs, order } as Timer;
    timers.set(key, timer);
    this.#push(timer);
    if (this.#heap.length > 2 * this.#count + DEAD_NODES_MIN) this.#clear();
  }

  /** Calls off the group's timer `key`, if it is set. */
  cancel(group: string, key: string): void {
    const timers = this.#byGroup.get(group);
    if (timers === undefined || !timers.delete(key)) return;
    this.#count--;
    if (timers.size === 0) this.#byGroup.delete(group);
  }

  /** Calls off all timers of the group. */
  cancelAll(group: string): void {
    this.#count -= this.#byGroup.get(group)?.size ?? 0;
    this.#byGroup.delete(group);
  }

  /** Moves every timer by `byMs`: the clock was set back, and what was to come then comes now. */
  shift(byMs: number): void {
    const live = this.#heap.filter((node) => this.#isLive(node)).sort((left, right) =>
      left.order - right.order
    );
    this.#heap = [];
    for (const { timer } of live) {
      timer.dueMs = Math.max(timer.dueMs + byMs, 0);
      this.#push(timer);
    }
  }

  /** Takes the first timer that is due at `nowMs` and was set before `order`; `null` when there is none. */
  take(nowMs: number, order: number): DueTimer | null {
    const later: Timer[] = [];
    let found: Timer | null = null;
    while (found === null && this.earliestMs <= nowMs) {
      const { timer } = this.#pop();
      if (timer.order < order) found = timer;
      else later.push(timer);
    }
    for (const timer of later) this.#push(timer);
    if (found === null) return null;
    this.cancel(found.group, found.key);
    return { group: found.group, key: found.key };
  }

  /** Removes dead nodes from the top, and moves down those whose timers were moved. */
  #settleTop(): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      const { timer } = top;
      const isLive = this.#isLive(top);
      if (isLive && timer.dueMs === top.atMs) return;
      this.#pop();
      if (isLive) this.#push(timer);
    }
  }

  #isLive(node: Node): boolean {
    const { timer } = node;
    return timer.node === node && this.#byGroup.get(timer.group)?.get(timer.key) === timer;
  }

  /** Drops dead nodes wherever they are. */
  #clear(): void {
    const live = this.#heap.filter((node) => this.#isLive(node));
    this.#heap = [];
    for (const { timer } of live) this.#push(timer);
    assert(this.#heap.length === this.#count, "every timer has its node");
  }

  #push(timer: Timer): void {
    const node: Node = { timer, atMs: timer.dueMs, order: timer.order };
    timer.node = node;
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(node, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }

  #pop(): Node {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    assert(top !== undefined && last !== undefined, "a node is taken from a heap that has one");
    if (heap.length > 0) this.#sink(last);
    return top;
  }

  /** Puts `node` in at the top, from where it sinks to its place. */
  #sink(node: Node): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, node)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = node;
  }
}

/** Timers of one moment are due in the order they were set: the same run twice is the same. */
function isBefore(left: Node, right: Node): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
