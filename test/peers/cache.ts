/**
 * What the suites fetch once and keep: jars, a Python environment, Go programs. It lies outside the repository,
 * in `$XDG_CACHE_HOME/weir` or `~/.cache/weir`, and may be removed at any time. A part is whole when its mark is
 * there, which is written last, so that a broken download is begun anew.
 */
import { exists } from "@std/fs/exists";

/** The directory of one part, made when it is missing. */
export async function cacheDirectory(part: string): Promise<string> {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "."}/.cache`;
  const directory = `${home}/weir/${part}`;
  await Deno.mkdir(directory, { recursive: true });
  return directory;
}

/**
 * Runs `fill` unless the directory carries the mark of the same `version`; gives what `fill` said was missing,
 * or null when the directory is whole. A null of `fill` means that all went well.
 */
export async function fillOnce(
  directory: string,
  version: string,
  fill: () => Promise<string | null>,
): Promise<string | null> {
  const mark = `${directory}/weir-complete`;
  if (await exists(mark) && await Deno.readTextFile(mark) === version) return null;
  const missing = await fill();
  if (missing === null) await Deno.writeTextFile(mark, version);
  return missing;
}
