/** Programs on the Java client, single source files that the JDK runs as they are. */
import type { Case } from "../cases.ts";

export const PROGRAM_CASES: readonly Case[] = [];
