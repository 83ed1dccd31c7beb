/** Seeds for targets without their own: batches of real clients, and the small files of a log. */
const GOLDEN = new URL("../golden/", import.meta.url);
const TEXTS = [
  "0\n2\norders 0 42\norders 1 7\n",
  "0\n1\n0 0\n",
  "version: 0\ntopic_id: ZFV37UMxQKW8N6_xDaKdfw\n",
];

let loaded: Uint8Array[] | null = null;

/** Read once. */
export function goldenSeeds(): readonly Uint8Array[] {
  loaded ??= [...readGolden(), ...TEXTS.map((text) => new TextEncoder().encode(text)), ...entries()];
  return loaded;
}

function* readGolden(): Generator<Uint8Array> {
  for (const { name } of Deno.readDirSync(GOLDEN)) {
    if (!name.endsWith(".hex")) continue;
    const text = Deno.readTextFileSync(new URL(name, GOLDEN));
    const digits = text.split("\n").filter((line) => !line.startsWith("#")).join("").trim();
    yield Uint8Array.fromHex(digits);
  }
}

/** Index entries that ascend: offsets with positions, and times with offsets. */
function entries(): Uint8Array[] {
  const offsets = new DataView(new ArrayBuffer(8 * 16));
  const times = new DataView(new ArrayBuffer(12 * 16));
  for (let entry = 0; entry < 16; entry++) {
    offsets.setInt32(entry * 8, entry * 10);
    offsets.setInt32(entry * 8 + 4, entry * 4_096);
    times.setBigInt64(entry * 12, 1_700_000_000_000n + BigInt(entry));
    times.setInt32(entry * 12 + 8, entry * 10);
  }
  return [new Uint8Array(offsets.buffer), new Uint8Array(times.buffer)];
}
