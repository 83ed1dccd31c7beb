/**
 * Moments in the work on a log's files, as its directory shows them:
 *
 *     cleaning     what is left of some segments is written      NAME.cleaned
 *     swapping     it is decided that it takes their place       NAME.swap
 *     replacing    they are gone, and it is not in place yet     NAME.log.swap, and no NAME.log
 *     deleting     files of segments wait for their end          NAME.deleted
 */
export type Moment = "cleaning" | "swapping" | "replacing" | "deleting";

/** The longest that the replacing of segments is waited for once they are swapped. */
const SWAP_MS_MAX = 20;

/** True when it is one in `directory`; looks again and again while replacing is due. */
export function isMoment(directory: string, moment: Moment): boolean {
  if (moment !== "replacing") return momentsOf(directory).has(moment);
  const endMs = performance.now() + SWAP_MS_MAX;
  for (;;) {
    const moments = momentsOf(directory);
    if (moments.has("replacing")) return true;
    if (!moments.has("swapping") || performance.now() > endMs) return false;
  }
}

/** All that a directory shows. */
export function momentsOf(directory: string): Set<Moment> {
  const moments = new Set<Moment>();
  const names = new Set<string>();
  for (const { name } of Deno.readDirSync(directory)) {
    names.add(name);
    if (name.endsWith(".cleaned")) moments.add("cleaning");
    else if (name.endsWith(".swap")) moments.add("swapping");
    else if (name.endsWith(".deleted")) moments.add("deleting");
  }
  if (!moments.has("swapping")) return moments;
  for (const name of names) {
    if (name.endsWith(".log.swap") && !names.has(name.slice(0, -".swap".length))) moments.add("replacing");
  }
  return moments;
}
