/**
 * How much room a file system has. The C library is asked where that is permitted: it costs a
 * microsecond, and the runtime's own way, node:fs, costs each thread that loads it 4 MB
 * and 10 ms. Called by `file_disk`.
 */
import { Libc, loadLibc } from "./libc.ts";

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Free bytes are those anybody may take. Throws what the system says, and where the permission `--allow-sys=statfs` is wanted. */
export function measureSpace(path: string): Space {
  const libc = loadLibc();
  const told = libc instanceof Libc ? libc.space(path) : null;
  if (told !== null) return told;
  const { bavail, blocks, bsize } = loadNodeFs().statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

interface NodeFs {
  statfsSync(path: string): { readonly bavail: number; readonly blocks: number; readonly bsize: number };
}

function loadNodeFs(): NodeFs {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): NodeFs } };
  return process.getBuiltinModule("node:fs");
}
