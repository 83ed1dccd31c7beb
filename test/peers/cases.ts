/**
 * Cases against a running broker: each one passes, fails with what was wrong, or is skipped with one sentence that
 * says why. A suite whose tool is missing is skipped whole, case by case, so that nothing counts as passed that
 * did not run.
 */
import type { Server, ServerOptions } from "./servers.ts";

/** What a case is given: the broker of the run, and a way to start another for itself. */
export interface Field {
  readonly server: Server;
  /** A directory for the case's own files, removed at the end of the run. */
  readonly directory: string;
  /** Another broker of the same kind, on a directory of its own; the case stops it. */
  start(options?: ServerOptions): Promise<Server>;
}

export interface Case {
  readonly name: string;
  run(field: Field): Promise<void>;
}

export interface Suite {
  readonly name: string;
  /** Fetches what the cases need; gives one sentence where that cannot be had. */
  prepare(): Promise<string | null>;
  readonly cases: readonly Case[];
}

/** Thrown by a case that finds out on the way that it cannot run here; the message says why. */
export class Skip extends Error {}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs every case of a suite whose name holds `only`, and says each result in a line. */
export async function runSuite(suite: Suite, field: Field, only: string, tally: Tally): Promise<void> {
  const cases = suite.cases.filter(({ name }) => `${suite.name}: ${name}`.includes(only));
  if (cases.length === 0) return;
  const missing = await suite.prepare();
  for (const { name, run } of cases) {
    const label = `${suite.name}: ${name}`;
    const startedMs = performance.now();
    const outcome = missing === null ? await runCase(run, field) : { kind: "skipped" as const, why: missing };
    tally[outcome.kind] += 1;
    const seconds = `(${((performance.now() - startedMs) / 1000).toFixed(1)} s)`;
    if (outcome.kind === "passed") console.log(`ok       ${label} ${seconds}`);
    if (outcome.kind === "skipped") console.log(`skipped  ${label}: ${outcome.why}`);
    if (outcome.kind === "failed") console.log(`FAILED   ${label} ${seconds}\n${indent(outcome.why)}`);
  }
}

type Outcome = { readonly kind: "passed" } | { readonly kind: "failed" | "skipped"; readonly why: string };

async function runCase(run: Case["run"], field: Field): Promise<Outcome> {
  try {
    await run(field);
    return { kind: "passed" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof Skip ? "skipped" : "failed", why };
  }
}

function indent(words: string): string {
  return words.trimEnd().split("\n").map((line) => `           ${line}`).join("\n");
}
