/**
 * Inputs for the fuzz targets: seeds of real bytes, changed the way bytes go bad
 * (flips, cuts, stretches copied, lengths blown up), and bytes that were never
 * anything. A seeded generator, so that a finding can be made again.
 */

/** Numbers in [0, 1), the same for the same seed. Source: Steele & Vigna's mulberry-like 32-bit mix. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Values that lengths and counts go wrong with. */
const ODD_VALUES = [0, 1, -1, 0x7f, 0x80, 0xff, 0x7fffffff, -0x80000000, 0x7ffffffe, 65_536];
const LENGTH_MAX = 4_096;

/** The next input. */
export function nextInput(seeds: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (bound: number) => Math.floor(random() * bound);
  if (seeds.length === 0 || random() < 0.1) {
    return Uint8Array.from({ length: below(random() < 0.5 ? 64 : 1_024) }, () => below(256));
  }
  let bytes = seeds[below(seeds.length)]!.slice(0, LENGTH_MAX);
  for (let changes = below(5); changes >= 0 && bytes.length > 0; changes--) bytes = change(bytes, below);
  return bytes;
}

function change(bytes: Uint8Array<ArrayBuffer>, below: (bound: number) => number): Uint8Array<ArrayBuffer> {
  const at = below(bytes.length);
  switch (below(6)) {
    case 0:
      bytes[at]! ^= 1 << below(8);
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3: {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      if (at + 4 <= bytes.length) view.setInt32(at, ODD_VALUES[below(ODD_VALUES.length)]!);
      return bytes;
    }
    case 4:
      bytes.copyWithin(at, below(bytes.length), below(bytes.length));
      return bytes;
    default: {
      const longer = new Uint8Array(bytes.length + below(32));
      longer.set(bytes.subarray(0, at));
      longer.set(bytes.subarray(at), longer.length - (bytes.length - at));
      return longer;
    }
  }
}
