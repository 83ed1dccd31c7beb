/**
 * A small file system of its own, where this process may mount one: a tmpfs, or ext4
 * in a file by a loop device. And the other program that fills it: a ballast file,
 * which may be greedy and take at once whatever becomes free.
 */

import { atSignal } from "./ending.ts";

export type Kind = "tmpfs" | "ext4";

const PIECES = [1_048_576, 65_536, 4_096];
/** How often a greedy ballast looks for more. */
const GREEDY_MS = 5;

export class SmallDisk {
  readonly root: string;
  readonly #image: string | null;
  readonly #calledOff: () => void;
  #greedy: ReturnType<typeof setInterval> | undefined;

  /** Only `mountSmallDisk` makes them. */
  constructor(root: string, image: string | null) {
    this.root = root;
    this.#image = image;
    const unmount = new Deno.Command("umount", { args: ["-l", root] });
    this.#calledOff = atSignal(() => void unmount.outputSync());
  }

  /** Bytes of a file below the root; 0 when there is none. */
  sizeOf(name: string): number {
    try {
      return Deno.statSync(`${this.root}/${name}`).size;
    } catch {
      return 0;
    }
  }

  /** Takes all there is, and goes on taking it when `isGreedy`. */
  fill(isGreedy: boolean): void {
    this.#takeAll();
    if (isGreedy) this.#greedy = setInterval(() => this.#takeAll(), GREEDY_MS);
  }

  /** Takes the ballast away. */
  free(): void {
    clearInterval(this.#greedy);
    Deno.removeSync(`${this.root}/ballast`);
  }

  /** Unmounts it; everything on it is gone. */
  async end(): Promise<void> {
    clearInterval(this.#greedy);
    await succeeds("umount", "-l", this.root);
    this.#calledOff();
    await Deno.remove(this.root);
    if (this.#image !== null) await Deno.remove(this.#image);
  }

  #takeAll(): void {
    using file = Deno.openSync(`${this.root}/ballast`, { create: true, append: true });
    for (const bytes of PIECES) {
      const piece = new Uint8Array(bytes);
      while (writes(file, piece));
    }
  }
}

/** Mounts one of `megabytes`; `null` where that is not possible. */
export async function mountSmallDisk(kind: Kind, megabytes: number): Promise<SmallDisk | null> {
  const root = await Deno.makeTempDir({ prefix: "weir-full-" });
  if (kind === "tmpfs") {
    if (await succeeds("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "weir-full", root)) {
      return new SmallDisk(root, null);
    }
    await Deno.remove(root);
    return null;
  }
  const image = await Deno.makeTempFile({ prefix: "weir-full-", suffix: ".ext4" });
  await Deno.truncate(image, megabytes * 1_048_576);
  const isMounted = await succeeds("mkfs.ext4", "-q", "-F", "-m", "0", image) &&
    await succeeds("mount", "-o", "loop", image, root);
  if (isMounted) return new SmallDisk(root, image);
  await Deno.remove(root);
  await Deno.remove(image);
  return null;
}

/** Runs a command to its end; true when it exists and succeeds. */
export async function succeeds(name: string, ...args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(name, { args, stdin: "null", stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

function writes(file: Deno.FsFile, piece: Uint8Array): boolean {
  try {
    return file.writeSync(piece) === piece.length;
  } catch {
    return false;
  }
}
