/**
 * Bounds what the kernel keeps for peers that take nothing. Left alone, Linux
 * gives each connection up to 4 MB to write into, which it grows as an answer
 * does: a few hundred stalled tails have the memory of all TCP, and produce and
 * fetch none. A listener's connections inherit its bound; Deno has no call for
 * it, so this one goes to the C library, by FFI. Where that is not granted, or
 * the system is another, the kernel's own bounds hold.
 */
const SYMBOLS = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const LIBRARIES: readonly string[] = ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];
/** As Linux numbers them. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_ACCEPTCONN = 30;
const IPPROTO_TCP = 6;
const TCP_MAXSEG = 2;
/**
 * Of a TCP segment. The loopback's are 64 KiB, and a receiver answers at once only when more than one has come:
 * with less room than that each piece of an answer would wait 40 ms for its acknowledgement.
 */
const SEGMENT_BYTES_MAX = 8_192;
/** Room for a socket's address of any family; its port follows the family. */
const ADDRESS_BYTES = 128;
const PORT_AT = 2;
/** A listener is opened early: its descriptor is a low number. */
const DESCRIPTORS_MAX = 8_192;

/** Bounds the buffers of connections that are accepted on `port` from now on; false where that cannot be had. */
export function boundSendBuffers(port: number, bytes: number): boolean {
  const symbols = Deno.build.os === "linux" ? load() : null;
  if (symbols === null) return false;
  for (let descriptor = 0; descriptor < DESCRIPTORS_MAX; descriptor++) {
    if (isListener(symbols, descriptor, port)) {
      const set = (level: number, option: number, value: number) =>
        symbols.setsockopt(descriptor, level, option, new Int32Array([value]), 4) === 0;
      return set(SOL_SOCKET, SO_SNDBUF, bytes) && set(IPPROTO_TCP, TCP_MAXSEG, SEGMENT_BYTES_MAX);
    }
  }
  return false;
}

function isListener({ getsockopt, getsockname }: Symbols, descriptor: number, port: number): boolean {
  const answer = new Int32Array(1);
  const isSocket = getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, answer, new Int32Array([4])) === 0;
  if (!isSocket || answer[0] !== 1) return false;
  const address = new DataView(new ArrayBuffer(ADDRESS_BYTES));
  if (getsockname(descriptor, address, new Int32Array([ADDRESS_BYTES])) !== 0) return false;
  return address.getUint16(PORT_AT) === port;
}

/** Never asks the user for a permission. */
function load(): Symbols | null {
  for (const library of LIBRARIES) {
    if (Deno.permissions.querySync({ name: "ffi", path: library }).state !== "granted") continue;
    try {
      return Deno.dlopen(library, SYMBOLS).symbols;
    } catch {
      // The other one, perhaps.
    }
  }
  return null;
}
