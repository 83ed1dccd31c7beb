/** A disk whose power can be cut before any change, and what that leaves. */
import { DiskError, FaultyDisk } from "../../../src/storage/mod.ts";

const CHANGES = new Set(["makeDirectory", "rename", "remove", "syncDirectory", "write", "truncate", "sync"]);

/** Fails from one change on, until it is crashed or killed. */
export class CutDisk extends FaultyDisk {
  /** Changes that still work. */
  left = Number.MAX_SAFE_INTEGER;
  changes = 0;
  /** Opening a file, which may make it, is a change, too. */
  countsOpens = false;

  override enter(...[operation, path]: Parameters<FaultyDisk["enter"]>): void {
    if (this.left < 0) throw new DiskError("io", path, "The power is cut");
    if (CHANGES.has(operation) || (this.countsOpens && operation === "open")) {
      this.changes++;
      if (--this.left < 0) throw new DiskError("io", path, "The power is cut");
    }
    super.enter(operation, path);
  }

  /** Runs `act`; true when the power was cut before it was through. */
  cut(left: number, act: () => void): boolean {
    this.changes = 0;
    this.left = left;
    try {
      act();
      return false;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return true;
    }
  }

  /** The process is gone, or the power, which takes some of what was not synced. */
  meet(fate: "kill" | number): void {
    this.left = Number.MAX_SAFE_INTEGER;
    if (fate === "kill") return this.kill();
    this.crash(generator(fate * 7_919));
  }
}

/** Numbers in [0, 1), the same ones for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
}
