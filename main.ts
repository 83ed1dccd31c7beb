/**
 * The program: hands its arguments to the command line and ends with its status.
 * Imports nothing else, so that `weir broker` is ready at once.
 */
import { runCommandLine } from "./src/cli/mod.ts";

if (import.meta.main) Deno.exit(await runCommandLine(Deno.args));
