/**
 * A member of a group as a process of its own: a program of `members/`, what it
 * said so far, and ways to end it. A member that is killed says nothing to its
 * broker, as one whose machine lost power.
 */
import type { Orders, Saying } from "./members/orders.ts";

/** A client that can be a member. */
export interface GroupClient {
  readonly name: string;
  /** Program and arguments before the orders; or why it is not here. */
  readonly found: { readonly command: readonly string[] } | { readonly missing: string };
  /** Arguments behind the orders. */
  readonly flags?: readonly string[];
}

export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** A running member. */
export class Member {
  /** What it owns; `null` before it is told. */
  assigned: readonly number[] | null = null;
  /** How often it was told what it owns. */
  toldCount = 0;
  /** Every record it read, in its order. */
  readonly records: SeenRecord[] = [];
  /** What it knows to be committed, by partition. */
  readonly committed = new Map<number, number>();
  readonly #child: Deno.ChildProcess;
  readonly #listening: Promise<void>;
  #words = "";

  constructor(client: GroupClient, orders: Orders) {
    if ("missing" in client.found) throw new Error(client.found.missing);
    const [program, ...words] = client.found.command;
    this.#child = new Deno.Command(program!, {
      args: [...words, JSON.stringify(orders), ...client.flags ?? []],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#listening = Promise.all([this.#listen(), this.#hear()]).then(() => {});
  }

  /** What it said on standard error. */
  get words(): string {
    return this.#words;
  }

  /** SIGTERM: it leaves its group. */
  async leave(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: Deno.Signal): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#listening;
    this.assigned = null;
  }

  async #listen(): Promise<void> {
    let held = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (held + text).split("\n");
      held = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
  }

  async #hear(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) this.#words += text;
  }

  #take(saying: Saying): void {
    if ("assigned" in saying) {
      this.assigned = saying.assigned;
      this.toldCount++;
    } else if ("committed" in saying) this.committed.set(saying.partition, saying.committed);
    else this.records.push(saying);
  }
}
