/**
 * Stand-in for `@std/fs/exists`, same signatures (of the options, `isFile` and `isDirectory`).
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 */

/** What the thing found has to be; the two exclude each other. */
export interface ExistsOptions {
  isFile?: boolean;
  isDirectory?: boolean;
}

/** True when the path leads to something (of the wanted kind); throws what is not "not found". */
export async function exists(path: string | URL, options: ExistsOptions = {}): Promise<boolean> {
  try {
    return isWanted(await Deno.stat(path), options);
  } catch (error) {
    return absent(error);
  }
}

/** {@linkcode exists}, synchronously. */
export function existsSync(path: string | URL, options: ExistsOptions = {}): boolean {
  try {
    return isWanted(Deno.statSync(path), options);
  } catch (error) {
    return absent(error);
  }
}

function isWanted(found: Deno.FileInfo, options: ExistsOptions): boolean {
  if (options.isFile && options.isDirectory) {
    throw new TypeError("ExistsOptions wants isFile or isDirectory, not both");
  }
  if (options.isFile) return found.isFile;
  if (options.isDirectory) return found.isDirectory;
  return true;
}

function absent(error: unknown): false {
  if (error instanceof Deno.errors.NotFound) return false;
  throw error;
}
