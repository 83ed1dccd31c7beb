/**
 * What was promised to a group: offsets acknowledged by partition, who owns what
 * as the members believe, and the members whose joins and leaves were
 * acknowledged. Held against the broker after each crash. Offsets of a partition
 * only grow, whoever commits them.
 */
import type { GroupDetail } from "../../src/client/group_detail.ts";

/** Offsets of one partition. */
interface Progress {
  /** The highest that was asked to be committed. */
  asked: number;
  /** The highest that was acknowledged. */
  acked: number;
}

export class GroupLedger {
  /** What was promised and not kept; empty when all is well. */
  readonly broken: string[] = [];
  /** Acknowledged epochs of members that joined and did not ask to leave. */
  readonly epochs = new Map<string, number>();
  /** Members whose leave was acknowledged. */
  readonly left = new Set<string>();
  commits = 0;
  readonly group: string;
  readonly #progress = new Map<number, Progress>();
  readonly #owners = new Map<number, string>();

  constructor(group: string) {
    this.group = group;
  }

  /** The next offset to commit for a partition: more than anybody asked for. */
  ask(partition: number): number {
    const progress = this.#of(partition);
    return ++progress.asked;
  }

  acknowledge(partition: number, offset: number): void {
    const progress = this.#of(partition);
    progress.acked = Math.max(progress.acked, offset);
    this.commits++;
  }

  /** `member` believes from now on that it owns `partition`. */
  take(partition: number, member: string): void {
    const owner = this.#owners.get(partition);
    if (owner !== undefined && owner !== member) {
      this.broken.push(
        `${this.group}: partition ${partition} goes to ${member}, and ${owner} has not given it up`,
      );
    }
    this.#owners.set(partition, member);
  }

  release(partition: number, member: string): void {
    if (this.#owners.get(partition) === member) this.#owners.delete(partition);
  }

  /** Holds what the broker says against what was promised. */
  check(
    offsets: readonly { readonly partition: number; readonly offset: number }[],
    detail: GroupDetail | null,
  ): void {
    for (const { partition, offset } of offsets) {
      const { asked, acked } = this.#of(partition);
      if (offset >= acked && offset <= asked) continue;
      this.broken.push(
        `${this.group}: partition ${partition} is at ${offset}, acknowledged was ${acked}, asked ${asked}`,
      );
    }
    const listed = new Map((detail?.members ?? []).map(({ memberId, epoch }) => [memberId, epoch]));
    for (const [member, epoch] of this.epochs) {
      const found = listed.get(member);
      if (found === undefined) this.broken.push(`${this.group}: member ${member} is gone`);
      else if (found < epoch) {
        this.broken.push(`${this.group}: member ${member} is back at epoch ${found}, it was at ${epoch}`);
      }
    }
    for (const member of this.left) {
      if (listed.has(member)) this.broken.push(`${this.group}: member ${member} has left and is back`);
    }
  }

  #of(partition: number): Progress {
    let progress = this.#progress.get(partition);
    if (progress === undefined) this.#progress.set(partition, progress = { asked: 0, acked: -1 });
    return progress;
  }
}
