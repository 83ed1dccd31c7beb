/** A real broker in memory with its HTTP door, and short words to ask it. */
import { type EmbeddedBroker, type EmbeddedBrokerOptions, startBroker } from "../../../src/broker.ts";

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any -- JSON of any shape
  readonly json: any;
}

export class HttpBroker {
  readonly broker: EmbeddedBroker;
  readonly url: string;
  readonly clusterId: string;

  private constructor(broker: EmbeddedBroker, clusterId: string) {
    this.broker = broker;
    this.url = `http://${broker.http}`;
    this.clusterId = clusterId;
  }

  static async start(options: EmbeddedBrokerOptions = {}): Promise<HttpBroker> {
    const broker = await startBroker(options);
    const clusters = await ask(`http://${broker.http}/v3/clusters`);
    return new HttpBroker(broker, clusters.json.data[0].cluster_id);
  }

  /** `GET` unless there is a body; paths that begin with `~` lie in the cluster. */
  ask(path: string, init: RequestInit & { json?: unknown } = {}): Promise<Asked> {
    return ask(this.url + path.replace(/^~/, `/v3/clusters/${this.clusterId}`), init);
  }

  createTopic(name: string, partitions = 1, configs: Record<string, string> = {}): Promise<Asked> {
    return this.ask("~/topics", {
      json: {
        topic_name: name,
        partitions_count: partitions,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      },
    });
  }

  /** Writes text values, one record each. */
  produce(topic: string, values: readonly string[], partition = 0): Promise<Asked> {
    const records = values.map((data) => ({ partition_id: partition, value: { type: "STRING", data } }));
    const body = records.map((record) => JSON.stringify(record)).join("\n");
    return this.ask(`~/topics/${topic}/records`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
  }

  stop(): Promise<void> {
    return this.broker.stop();
  }
}

async function ask(url: string, { json, ...init }: RequestInit & { json?: unknown } = {}): Promise<Asked> {
  const given = json === undefined ? init : {
    method: "POST",
    ...init,
    body: JSON.stringify(json),
    headers: { "content-type": "application/json", ...init.headers as Record<string, string> },
  };
  const response = await fetch(url, given);
  const text = await response.text();
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Lines, events or nothing.
  }
  return { status: response.status, headers: response.headers, text, json: parsed };
}
