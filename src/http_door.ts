/**
 * The HTTP door as the listener sees it: a handler that loads the console room,
 * and with it hono, when the first request comes. A broker that nobody asks over
 * HTTP spends neither time nor memory on it. Made by compose.
 */
import type { BrokerSettings } from "./config/mod.ts";
import type { BrokerIdentity, Console, ConsoleOptions } from "./console/mod.ts";
import type { ViewParts } from "./console_view/mod.ts";
import { addressText, type Doors } from "./doors.ts";
import type { Logger } from "./host/mod.ts";
import type { CoordinatorClient, Pool } from "./mailbox/mod.ts";
import type { Family } from "./meter/mod.ts";
import type { MeteredParts } from "./metering/mod.ts";
import type { Reply } from "./model/mod.ts";
import type { HttpHandler } from "./net/mod.ts";

/** What the door sees of the broker. */
export interface HttpDoorOptions extends Omit<ViewParts, "identity" | "connections" | "metrics"> {
  readonly settings: BrokerSettings;
  readonly version: string;
  readonly dataDirectory: string;
  readonly logger: Logger;
  readonly doors: Doors;
  readonly pool: Pool;
  coordinator(): CoordinatorClient;
  /** Commands that wait for workers. */
  waitingCount(): number;
  /** Held on the disk for commits and metadata. */
  reserveBytes(): number;
  node(): { readonly nodeId: number; readonly clusterId: string };
}

export class HttpDoor {
  readonly #options: HttpDoorOptions;
  #console: Promise<Console> | null = null;
  #isClosed = false;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
  }

  /** Answers one request. */
  readonly handle: HttpHandler = async (request, peer) => {
    const inside = await (this.#console ??= this.#load());
    return await inside.fetch(request, peer);
  };

  /** Ends live tails; requests that come all the same are still answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    (await this.#console)?.close();
  }

  async #load(): Promise<Console> {
    const [{ makeConsole }, { makeConsoleView }, { makeMeasuring }] = await Promise.all([
      import("./console/mod.ts"),
      import("./console_view/mod.ts"),
      import("./metering/mod.ts"),
    ]);
    const { settings, doors, clock, logger } = this.#options;
    const connections = () => doors.describe();
    const measuring = makeMeasuring(clock);
    const metrics = () => measure(this.#options, measuring);
    const identity = () => identify(this.#options);
    const view = makeConsoleView({ ...this.#options, connections, metrics, identity });
    const inside = makeConsole(view, { ...optionsOf(settings.values), clock, logger });
    if (this.#isClosed) inside.close();
    return inside;
  }
}

type Measuring = (parts: MeteredParts) => Promise<Family[]>;

/** All of the broker's own metrics; none once it stops. */
async function measure(options: HttpDoorOptions, measuring: Measuring): Promise<Family[]> {
  const { doors, pool, submit, clock, version } = options;
  const reply = await new Promise<Reply>((resolve) => submit({ kind: "describe_broker" }, resolve));
  if (reply.kind !== "broker_described") return [];
  const { addresses } = identify(options);
  const address = addresses.kafka ?? addresses.native ?? "";
  return measuring({
    facts: {
      ...reply.broker,
      version,
      address,
      isReady: options.isReady(),
      nowMs: clock.now(),
      diskFreeBytesMin: options.settings.values["disk.free.min.bytes"],
      reserveBytes: options.reserveBytes(),
    },
    image: options.image(),
    doors,
    pool,
    coordinator: options.coordinator(),
    waitingCount: options.waitingCount(),
  });
}

function identify({ version, dataDirectory, node, doors }: HttpDoorOptions): BrokerIdentity {
  const { nodeId, clusterId } = node();
  const { kafka, native } = doors.addresses;
  return {
    nodeId,
    clusterId,
    version,
    dataDirectory,
    addresses: { kafka: addressText(kafka), native: addressText(native) },
  };
}

function optionsOf(values: BrokerSettings["values"]): Omit<ConsoleOptions, "clock" | "logger"> {
  const hosts = values["http.hosts"].split(",").map((host) => host.trim()).filter((host) => host !== "");
  const listener = values["http.listener"]?.host;
  const advertised = values["advertised.address"]?.host;
  return {
    mode: values["console.mode"],
    hosts: [...hosts, ...[listener, advertised].filter((host) => host !== undefined)],
    requestBytesMax: values["http.request.max.bytes"],
    requestsMax: values["http.requests.max"],
    tailsMax: values["http.tails.max"],
    requestMsMax: values["http.request.timeout.ms"],
  };
}
