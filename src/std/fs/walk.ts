/**
 * Stand-in for `@std/fs/walk`, same signatures: every entry of a tree, parents before children.
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 * Of the options: `maxDepth`, `includeFiles`, `includeDirs`, `exts`. Symbolic links are reported, not followed.
 */

/** Which entries of the tree are wanted; all, unless told. */
export interface WalkOptions {
  /** Levels below the root; the root alone is 0. */
  maxDepth?: number;
  includeFiles?: boolean;
  includeDirs?: boolean;
  /** Ends a path must have, with or without the dot; directories go through. */
  exts?: string[];
}

/** One entry: the path begins with the root as it was given. */
export interface WalkEntry extends Deno.DirEntry {
  path: string;
}

/** Entries under `root`, the root itself first. */
export async function* walk(root: string | URL, options: WalkOptions = {}): AsyncIterableIterator<WalkEntry> {
  const path = pathOf(root);
  const self = entryOf(path, await Deno.lstat(path));
  if (isWanted(self, options)) yield self;
  const depth = options.maxDepth ?? Infinity;
  if (!self.isDirectory || depth < 1) return;
  for await (const child of Deno.readDir(path)) {
    yield* walk(`${path}/${child.name}`, { ...options, maxDepth: depth - 1 });
  }
}

/** {@linkcode walk}, synchronously. */
export function* walkSync(root: string | URL, options: WalkOptions = {}): IterableIterator<WalkEntry> {
  const path = pathOf(root);
  const self = entryOf(path, Deno.lstatSync(path));
  if (isWanted(self, options)) yield self;
  const depth = options.maxDepth ?? Infinity;
  if (!self.isDirectory || depth < 1) return;
  for (const child of Deno.readDirSync(path)) {
    yield* walkSync(`${path}/${child.name}`, { ...options, maxDepth: depth - 1 });
  }
}

function pathOf(root: string | URL): string {
  const path = typeof root === "string" ? root : decodeURIComponent(root.pathname);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function entryOf(path: string, found: Deno.FileInfo): WalkEntry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const { isFile, isDirectory, isSymlink } = found;
  return { path, name, isFile, isDirectory, isSymlink };
}

function isWanted(entry: WalkEntry, options: WalkOptions): boolean {
  if (entry.isDirectory) return (options.includeDirs ?? true) && options.exts === undefined;
  if (!(options.includeFiles ?? true)) return false;
  return options.exts === undefined ||
    options.exts.some((ext) => entry.path.endsWith(ext.startsWith(".") ? ext : `.${ext}`));
}
