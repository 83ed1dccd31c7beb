/**
 * `deno task fulldisk [--rounds N]`: a real broker on a small file system of its own that fills up and becomes
 * free again under load, on a tmpfs and, for a few rounds, on ext4; and `retention.disk.percent`, which keeps
 * it from filling up. Mounting takes root, or user namespaces; without either all of it is skipped, which is
 * said. Exit status 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { listenForSignals } from "./ending.ts";
import { type Result, runRounds } from "./rounds.ts";
import { runShare } from "./share.ts";
import { type Kind, mountSmallDisk, type SmallDisk, succeeds } from "./small_disk.ts";

const MEGABYTES: Readonly<Record<Kind, number>> = { tmpfs: 64, ext4: 96 };
const INSIDE = "FULLDISK_INSIDE";

const { values } = parseArgs({ args: Deno.args, options: { rounds: { type: "string", default: "10" } } });
const rounds = Number(values.rounds);
const counts = { passed: 0, failed: 0, skipped: 0 };

async function onDisk(kind: Kind, cases: number, run: (disk: SmallDisk) => Promise<readonly string[]>) {
  const disk = await mountSmallDisk(kind, MEGABYTES[kind]);
  if (disk === null) {
    console.error(
      `skipped ${cases}: this process may not mount ${kind === "ext4" ? "ext4 in a file" : "a tmpfs"}`,
    );
    counts.skipped += cases;
    return;
  }
  try {
    const broken = await run(disk).catch((error: Error) => [error.stack ?? error.message]);
    for (const words of broken) console.error(words);
    const failed = broken.length > 0 ? 1 : 0;
    counts.failed += failed;
    counts.passed += cases - failed;
  } finally {
    await disk.end();
  }
}

async function play(disk: SmallDisk, kind: Kind, count: number): Promise<readonly string[]> {
  const say = (words: string) => console.error(`${kind}: ${words}`);
  const result: Result = await runRounds(disk, count, Math.random, say);
  const { acked, refused, commits, recoveryMs, broken } = result;
  say(
    `${acked} records acknowledged, ${refused} requests refused, ${commits} commits acknowledged, ` +
      `all senders went on ${recoveryMs} ms after there was room at the latest, ${broken.length} broken promises`,
  );
  return broken;
}

/** Again, in a user namespace where mounting is allowed; `null` where there is none. */
async function runInside(): Promise<number | null> {
  if (Deno.env.get(INSIDE) !== undefined || !await succeeds("unshare", "-rm", "true")) return null;
  const again = ["run", "--allow-all", "--frozen", new URL(import.meta.url).pathname, ...Deno.args];
  const args = ["-rm", Deno.execPath(), ...again];
  const { code } = await new Deno.Command("unshare", { args, env: { [INSIDE]: "1" } }).spawn().status;
  return code;
}

listenForSignals();
const probe = await mountSmallDisk("tmpfs", 1);
await probe?.end();
const inside = probe === null ? await runInside() : null;
if (inside !== null) Deno.exit(inside);
await onDisk("tmpfs", rounds, (disk) => play(disk, "tmpfs", rounds));
const few = Math.ceil(rounds / 5);
await onDisk("ext4", few, (disk) => play(disk, "ext4", few));
await onDisk("tmpfs", 1, (disk) => runShare(disk, (words) => console.error(words)));
const { passed, failed, skipped } = counts;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
// kafkajs may still be waiting for a broker that is gone for good, and would keep the process alive.
Deno.exit(failed > 0 ? 1 : 0);
