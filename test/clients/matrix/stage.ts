/** A broker process with both doors, both clients, and one row at a time on it. */
import { connect, type Weir } from "weir";
import { type BrokerProcess, startProcess } from "../../broker_process.ts";
import type { MatrixClient } from "./client.ts";
import { KAFKAJS } from "./kafkajs.ts";
import { KCAT } from "./kcat.ts";
import { PLATFORMATIC } from "./platformatic.ts";
import { CONFLUENT, KAFKA_PYTHON } from "./python.ts";
import { type Row } from "./rows.ts";

export const CLIENTS: readonly MatrixClient[] = [KAFKAJS, PLATFORMATIC, KCAT, KAFKA_PYTHON, CONFLUENT];

/** A running broker for rows. */
export class Broker {
  readonly #data: string;
  readonly #process: BrokerProcess;
  readonly #weir: Weir;
  #topics = 0;

  private constructor(data: string, process: BrokerProcess, weir: Weir) {
    this.#data = data;
    this.#process = process;
    this.#weir = weir;
  }

  static async start(): Promise<Broker> {
    const data = await Deno.makeTempDir();
    const process = await startProcess(data, [], "127.0.0.1:0");
    return new Broker(data, process, await connect(process.native));
  }

  /** Runs a row on a topic of its own. Throws what went wrong. */
  async run(client: MatrixClient, row: Row): Promise<void> {
    const session = await client.open(this.#process.kafka);
    const topic = `matrix-${++this.#topics}`;
    try {
      await row.run({ client, session, weir: this.#weir, topic });
    } finally {
      await session.close();
    }
  }

  async stop(): Promise<void> {
    await this.#weir.close();
    await this.#process.stop();
    await Deno.remove(this.#data, { recursive: true });
  }
}
