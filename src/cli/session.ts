/**
 * One connection to a broker for the length of a command: where the broker is
 * (`--server`, then WEIR_SERVER, then the default), and the close at the end.
 */
import { connect, type Weir } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Context, type ExitStatus, SERVER } from "./command.ts";

/** The address of the native door that the command talks to. */
function serverOf(given: Arguments): string {
  return given.text(SERVER.name) ?? (Deno.env.get("WEIR_SERVER") || SERVER.fallback!);
}

/** Connects, at the first attempt or not at all, does `work`, closes; whatever fails is thrown after the close. */
export async function withBroker(
  given: Arguments,
  context: Context,
  work: (weir: Weir) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  await using weir = await connect(serverOf(given), { signal: context.signal, reachTimeoutMs: 0 });
  return await work(weir);
}
