/**
 * The id an idempotent producer writes under: asked for when the first batch wants
 * to leave, kept over lost connections, and asked for anew when it serves no more
 * or when the broker turns out to be another cluster, where it may be somebody's.
 */
import { type Connection, retry } from "./connection.ts";
import type { WeirError } from "./error.ts";

/** See the file's head. */
export class ProducerIdentity {
  /** −1 while it is not known. */
  producerId = -1;
  producerEpoch = -1;
  /** The cluster that gave the id out. */
  cluster = "";
  /** Why there is none yet. */
  failure: WeirError | null = null;
  #connection: Connection;
  #timeoutMs: number;
  #asked: Promise<void> | null = null;

  /** `timeoutMs`: how long {@linkcode obtain} tries. */
  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  get known(): boolean {
    return this.producerId >= 0;
  }

  /** Asks for an id, and again while that fails in a way that may pass; one question at a time. */
  obtain(): Promise<void> {
    return this.#asked ??= this.#ask().finally(() => this.#asked = null);
  }

  /** Gives an id up, unless it was given up already. */
  forget(producerId: number): void {
    if (this.producerId === producerId) this.producerId = -1;
  }

  async #ask(): Promise<void> {
    const options = { timeoutMs: this.#timeoutMs };
    const attempt = () => this.#request();
    await retry(this.#connection.settings, attempt, options, "Asking for a producer id");
  }

  async #request(): Promise<void> {
    try {
      const { producerId, producerEpoch } = await this.#connection.request("init_producer_id", {});
      this.cluster = this.#connection.link?.hello.cluster ?? "";
      this.producerId = producerId;
      this.producerEpoch = producerEpoch;
      this.failure = null;
    } catch (error) {
      this.failure = error as WeirError;
      throw error;
    }
  }
}
