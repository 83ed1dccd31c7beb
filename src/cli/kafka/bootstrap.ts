/**
 * Where the commands with Kafka's flags connect: `--bootstrap-server`, Kafka's
 * list of addresses, tried in order until one answers. Both the Kafka port and
 * the native port of a Weir broker answer; an address where something else
 * speaks Kafka's protocol is told apart by asking it a question in that protocol.
 */
import { connect, type ConnectOptions, type Weir, WeirError } from "../../client/mod.ts";
import { systemClock } from "../../host/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, type Context, type Option, UsageError, VERSION } from "../command.ts";

const BOOTSTRAP: Option = {
  name: "bootstrap-server",
  value: "HOST:PORT,...",
  help: "brokers to connect to, the first that answers is taken; required",
};

/** The options that every command with Kafka's flags has. */
export const COMMON: readonly Option[] = [BOOTSTRAP, VERSION];

const PORT_DEFAULT = 9092;
const CONNECT_TIMEOUT_MS = 5_000;

/** One address of the list. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Reads Kafka's list of addresses; a port left out is 9092. Throws {@linkcode UsageError}. */
export function parseServers(list: string): Server[] {
  const servers = list.split(",").map((part) => part.trim()).filter((part) => part !== "").map(parseServer);
  if (servers.length === 0) throw new UsageError("--bootstrap-server must be HOST:PORT, not an empty list");
  return servers;
}

function parseServer(text: string): Server {
  const parts = /^(?:[A-Za-z0-9_.%-]*:\/\/)?(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = parts?.[3] === undefined ? PORT_DEFAULT : Number(parts[3]);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new UsageError(`Invalid url in bootstrap.servers: "${text}" must be HOST:PORT`);
}

/** The servers that were given; `--bootstrap-server` is required. */
export function serversOf(given: Arguments): Server[] {
  const list = given.text(BOOTSTRAP.name);
  if (list === undefined) throw new UsageError('Missing required argument "[bootstrap-server]"');
  return parseServers(list);
}

/** Connects to the first of `servers` that answers, does `work`, closes. */
export async function withServers<Result>(
  servers: readonly Server[],
  options: ConnectOptions,
  context: Context,
  work: (weir: Weir) => Promise<Result>,
): Promise<Result> {
  await using weir = await connectFirst(servers, {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...options,
    reachTimeoutMs: 0,
    signal: context.signal,
  });
  return await work(weir);
}

async function connectFirst(servers: readonly Server[], options: ConnectOptions): Promise<Weir> {
  const failures: Error[] = [];
  for (const server of servers) {
    try {
      return await connect(addressOf(server), options);
    } catch (error) {
      if (!(error instanceof WeirError) || error.code === "ABORTED") throw error;
      failures.push(await speaksKafka(server) ? foreignBroker(server) : error);
    }
  }
  if (failures.length === 1) throw failures[0]!;
  throw new CommandError(`No broker could be reached: ${failures.map(({ message }) => message).join("; ")}`);
}

function foreignBroker(server: Server): CommandError {
  return new CommandError(
    `"${addressOf(server)}" speaks Kafka's protocol only; these commands talk to a Weir broker`,
  );
}

function addressOf({ host, port }: Server): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const PROBE_TIMEOUT_MS = 2_000;
/** ApiVersions (key 18) version 0 with the correlation id "weir" and no client id, after its length. */
const API_VERSIONS = Uint8Array.of(0, 0, 0, 10, 0, 18, 0, 0, 0x77, 0x65, 0x69, 0x72, 0xff, 0xff);

/** True when the server answers a Kafka request as a Kafka broker does. */
async function speaksKafka({ host, port }: Server): Promise<boolean> {
  try {
    using socket = await Deno.connect({ hostname: host, port });
    using _ = deadline(socket, PROBE_TIMEOUT_MS);
    await socket.write(API_VERSIONS);
    const answer = new Uint8Array(8);
    for (let filled = 0; filled < answer.length;) {
      const count = await socket.read(answer.subarray(filled));
      if (count === null) return false;
      filled += count;
    }
    return API_VERSIONS.subarray(8, 12).every((byte, index) => answer[4 + index] === byte);
  } catch {
    return false;
  }
}

/** Closes a socket that gives no answer in time, so that a read of it ends. */
function deadline(socket: Deno.TcpConn, timeoutMs: number): Disposable {
  const callOff = systemClock.after(timeoutMs, () => socket.close());
  return { [Symbol.dispose]: callOff };
}
