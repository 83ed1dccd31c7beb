/**
 * A whole broker inside another program: `weir/broker`, for tests above all. On
 * free ports, in memory or in a directory, with any of the broker's settings.
 */
import { type BoundAddress, startBroker as compose, StartError } from "./compose.ts";
import { resolveBrokerSettings } from "./config/mod.ts";
import { silentLogger, stderrLogger, systemClock } from "./host/mod.ts";

export { StartError } from "./compose.ts";

/** How to start it. */
export interface EmbeddedBrokerOptions {
  /** Keep everything in memory: the default unless `data` is given. */
  memory?: boolean;
  /** The data directory; made when missing. */
  data?: string;
  /** Settings by their names, as `--set` takes them. */
  settings?: Readonly<Record<string, string>>;
  /** Write the broker's log to stderr. */
  verbose?: boolean;
}

/** A running broker; `await using` stops it. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** `HOST:PORT` of the native door, for `connect`. */
  readonly native: string;
  /** `HOST:PORT` of the Kafka door: the bootstrap server of any Kafka client. */
  readonly kafka: string;
  /** `HOST:PORT` of the HTTP door: the console, the REST API, metrics. */
  readonly http: string;
  stop(): Promise<void>;
}

/**
 * Starts a broker in this process. Throws {@linkcode StartError} when it can't.
 *
 * @example
 * ```ts
 * await using broker = await startBroker({ memory: true });
 * await using weir = await connect(broker.native);
 * ```
 */
export async function startBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const memory = options.memory ?? options.data === undefined;
  const resolved = resolveBrokerSettings({
    assignments: Object.entries(options.settings ?? {}).map(([key, value]) => `${key}=${value}`),
    flags: {
      "kafka.listener": "127.0.0.1:0",
      "native.listener": "127.0.0.1:0",
      "http.listener": "127.0.0.1:0",
      ...(options.data === undefined ? {} : { "log.dirs": options.data }),
    },
  });
  if (resolved.kind === "setting_error") throw new StartError(resolved.message);
  const logger = options.verbose === true ? stderrLogger(systemClock) : silentLogger;
  const running = await compose({ settings: resolved.settings, memory, logger });
  return {
    native: addressText(running.addresses.native),
    kafka: addressText(running.addresses.kafka),
    http: addressText(running.addresses.http),
    stop: () => running.stop(),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

function addressText(address: BoundAddress | null): string {
  return address === null ? "off" : `${address.hostname}:${address.port}`;
}
