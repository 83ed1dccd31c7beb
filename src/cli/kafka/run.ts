/**
 * What the commands with Kafka's flags share: failures in the words of Kafka's
 * tools, and the rules of which options stand together.
 */
import { type ConnectOptions, type Weir, WeirError } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, type Context, type ExitStatus, UsageError } from "../command.ts";
import { serversOf, withServers } from "./bootstrap.ts";
import {
  checkClientProperties,
  clientProperties,
  COMMAND_CONFIG,
  connectOptions,
} from "./client_settings.ts";

/** Does `work`; what fails there is one line on standard error after `words`, and status 1. */
export async function reporting(
  context: Context,
  words: string,
  work: () => Promise<ExitStatus>,
): Promise<ExitStatus> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WeirError) && !(error instanceof CommandError)) throw error;
    context.output.note(`${words}${error.message}`);
    return 1;
  }
}

/** Connects as `--bootstrap-server`, `--command-config` and, before them, `own` options say, does `work`, closes. */
export async function withAdmin(
  given: Arguments,
  context: Context,
  work: (weir: Weir) => Promise<ExitStatus>,
  own: ConnectOptions = {},
): Promise<ExitStatus> {
  const properties = await clientProperties(given, [COMMAND_CONFIG.name], []);
  checkClientProperties(properties, [], context.output);
  return await withServers(serversOf(given), { ...connectOptions(properties), ...own }, context, work);
}

/** The one action among `actions` that was given. Throws {@linkcode UsageError} for none or several. */
export function actionOf<Action extends string>(given: Arguments, actions: readonly Action[]): Action {
  const asked = actions.filter((action) => given.has(action));
  if (asked.length === 1) return asked[0]!;
  throw new UsageError(
    `Command must include exactly one action: ${actions.map((action) => `--${action}`).join(", ")}`,
  );
}

/** Throws {@linkcode UsageError} when `used` is given together with one of `others`. */
export function refuseTogether(given: Arguments, used: string, others: readonly string[]): void {
  const other = given.has(used) ? others.find((name) => given.has(name)) : undefined;
  if (other === undefined) return;
  throw new UsageError(`Option "[${used}]" can't be used with option "[${other}]"`);
}

/** The value of an option that must be given. */
export function requiredText(given: Arguments, name: string): string {
  const value = given.text(name);
  if (value === undefined) throw new UsageError(`Missing required argument "[${name}]"`);
  return value;
}

/** Throws {@linkcode UsageError} when a switch that must be given is not. */
export function requiredSwitch(given: Arguments, name: string): void {
  if (!given.has(name)) throw new UsageError(`Missing required argument "[${name}]"`);
}
