/**
 * What every member program of this folder is told, and says: its orders are one
 * JSON argument, each thing that happens one JSON line on standard output. Records
 * are said before they are committed, commits once the broker has taken them, so
 * that whoever kills the program knows what must not be lost.
 */

/** `heartbeatMs` and `sessionMs` are what the member asks its group for. */
export interface Orders {
  readonly broker: string;
  readonly group: string;
  readonly topic: string;
  readonly sessionMs: number;
  readonly heartbeatMs: number;
}

export type Saying =
  /** What it owns from now on. */
  | { readonly assigned: readonly number[] }
  | { readonly partition: number; readonly offset: number; readonly value: string }
  /** The next offset to read, as the broker knows it. */
  | { readonly committed: number; readonly partition: number };

/** The program's orders. */
export function readOrders(): Orders {
  return JSON.parse(Deno.args[0]!);
}

/** Says one thing, at once. */
export function say(saying: Saying): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(saying)}\n`));
}
