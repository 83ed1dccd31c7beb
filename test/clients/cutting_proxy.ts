/**
 * A proxy between a client and a broker that cuts connections at the worst moments, by a seed: when a request was
 * passed on and its answer is due, when the answer is there and not passed on, before a request is passed on.
 */

/** Numbers in [0, 1), the same for the same seed. Source: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** See the file's head. Cuts nothing before {@linkcode CuttingProxy.rate} is set. */
export class CuttingProxy implements AsyncDisposable {
  /** How likely a chunk, of either direction, is the last of its connection. */
  rate = 0;
  /** Connections cut with an answer in hand, behind a request, in front of one. */
  readonly cuts = { answers: 0, behind: 0, before: 0 };
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  readonly #broker: { readonly hostname: string; readonly port: number };
  readonly #random: () => number;

  constructor(broker: string, random: () => number) {
    const [hostname, port] = broker.split(":");
    this.#broker = { hostname: hostname!, port: Number(port) };
    this.#random = random;
    void this.#accept();
  }

  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  // deno-lint-ignore require-await -- the interface wants a promise
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const broker = await Deno.connect(this.#broker);
      this.#open.add(client).add(broker);
      const end = () =>
        [client, broker].forEach((connection) => (this.#open.delete(connection), close(connection)));
      this.#pass(client, broker, () => this.#cutRequest()).catch(() => {}).finally(end);
      this.#pass(broker, client, () => this.#cutAnswer()).catch(() => {}).finally(end);
    }
  }

  /** Passes chunks on until `decide` says to drop one, or to end behind one. */
  async #pass(from: Deno.Conn, to: Deno.Conn, decide: () => "pass" | "drop" | "last"): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      const fate = decide();
      if (fate === "drop") return;
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      if (fate === "last") return;
    }
  }

  #cutRequest(): "pass" | "drop" | "last" {
    if (this.#random() >= this.rate) return "pass";
    const before = this.#random() < 0.3;
    if (before) this.cuts.before++;
    else this.cuts.behind++;
    return before ? "drop" : "last";
  }

  #cutAnswer(): "pass" | "drop" {
    if (this.#random() >= this.rate) return "pass";
    this.cuts.answers++;
    return "drop";
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Cut from the other side already.
  }
}
