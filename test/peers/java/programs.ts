/** Programs on the Java client, single source files that the JDK compiles and runs as they are. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { java } from "./jars.ts";

const CLIENT = new URL("Client.java", import.meta.url).pathname;

async function runsTheClient(field: Field): Promise<void> {
  const ended = await java(CLIENT, [field.server.address]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.equal(ended.stdout, "topics\nsettings\nidempotent\nreads\ncluster\n");
}

export const PROGRAM_CASES: readonly Case[] = [
  { name: "the Java client administers, produces idempotently, seeks and finds offsets", run: runsTheClient },
];
