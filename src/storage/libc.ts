/**
 * The calls of the C library that Deno lacks: mmap, open for a descriptor to give it, and statvfs, by FFI. Loading it needs
 * `--allow-ffi`; where that isn't granted, or the system has no such library
 * (Windows), `loadLibc` says why and the broker reads with pread. Addresses are
 * reserved once and then only ever shown something else: a stale view of them
 * reads other bytes, or zeros, but can't hit an address that is gone.
 */
const SYMBOLS = {
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  statvfs: { parameters: ["buffer", "buffer"], result: "i32", optional: true },
} as const;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
/** O_RDONLY is 0 everywhere; O_CLOEXEC as Linux and macOS number it. */
const O_RDONLY_CLOEXEC = Deno.build.os === "darwin" ? 0x1000000 : 0o2000000;
/** Linux's number, and macOS's. */
const MAP_ANONYMOUS = Deno.build.os === "darwin" ? 0x1000 : 0x20;
/** What mmap returns when it fails: −1 as a pointer. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** Where `struct statvfs` begins with five 64-bit numbers: bsize, frsize, blocks, bfree, bavail. */
const KNOWS_STATVFS = Deno.build.os === "linux" && ["x86_64", "aarch64"].includes(Deno.build.arch);
/** Twice what it has anywhere. */
const STATVFS_BYTES = 256;

/** A range of addresses that always stays mapped: to a file, or to zeros. */
export interface Range {
  readonly pointer: Deno.PointerObject;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class Libc {
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** Reserves `length` addresses that read as zeros; `null` when the system has none left. */
  reserve(length: number): Range | null {
    const pointer = this.#symbols.mmap(null, BigInt(length), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) return null;
    return { pointer, bytes: new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length)) };
  }

  /** Shows a file's bytes from `position` on, a multiple of the page size, in place of what the range showed. */
  show(range: Range, path: string, position: number): boolean {
    // A mapping outlives the descriptor it was made with.
    const descriptor = this.#symbols.open(new TextEncoder().encode(`${path}\0`), O_RDONLY_CLOEXEC);
    if (descriptor < 0) return false;
    const isPlaced = this.#place(range, MAP_SHARED | MAP_FIXED, descriptor, position);
    this.#symbols.close(descriptor);
    return isPlaced;
  }

  /** Shows zeros: no address of the range touches a file any more. */
  clear(range: Range): boolean {
    return this.#place(range, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  }

  /** Free and total bytes of the file system that holds `path`; `null` where this does not know how to ask. */
  space(path: string): { readonly freeBytes: number; readonly totalBytes: number } | null {
    const { statvfs } = this.#symbols;
    if (statvfs === null || !KNOWS_STATVFS) return null;
    const answer = new DataView(new ArrayBuffer(STATVFS_BYTES));
    if (statvfs(new TextEncoder().encode(`${path}\0`), answer) !== 0) return null;
    const field = (index: number) => Number(answer.getBigUint64(8 * index, true));
    const blockBytes = field(1);
    return { freeBytes: blockBytes * field(4), totalBytes: blockBytes * field(2) };
  }

  #place(range: Range, flags: number, descriptor: number, position: number): boolean {
    const { pointer, bytes } = range;
    const length = BigInt(bytes.length);
    const placed = this.#symbols.mmap(pointer, length, PROT_READ, flags, descriptor, BigInt(position));
    return placed !== null && Deno.UnsafePointer.equals(placed, pointer);
  }
}

/** glibc, musl on either processor, macOS. */
const LIBRARIES: readonly string[] = Deno.build.os === "darwin"
  ? ["/usr/lib/libSystem.B.dylib"]
  : ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];

const PROBE_BYTES = 65_536;

let loaded: Libc | string | null = null;

/** Loads the C library, once a thread, and tries it; a text says why it can't be had. Never asks the user for a permission. */
export function loadLibc(): Libc | string {
  return loaded ??= load();
}

function load(): Libc | string {
  if (Deno.build.os === "windows") return "Windows has no mmap";
  let reason = "the permission --allow-ffi isn't granted";
  for (const library of LIBRARIES) {
    if (Deno.permissions.querySync({ name: "ffi", path: library }).state !== "granted") continue;
    try {
      const libc = new Libc(Deno.dlopen(library, SYMBOLS).symbols);
      const probe = libc.reserve(PROBE_BYTES);
      if (probe !== null && probe.bytes[PROBE_BYTES - 1] === 0 && libc.clear(probe)) return libc;
      reason = `mmap of "${library}" doesn't work`;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return reason;
}
