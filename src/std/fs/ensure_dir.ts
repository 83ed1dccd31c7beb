/**
 * Stand-in for `@std/fs/ensure-dir`, same signatures: a directory is there afterwards, parents too.
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 */

/** Makes the directory and its parents; fine when it exists, throws when a file has the name. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}

/** {@linkcode ensureDir}, synchronously. */
export function ensureDirSync(dir: string | URL): void {
  Deno.mkdirSync(dir, { recursive: true });
}
