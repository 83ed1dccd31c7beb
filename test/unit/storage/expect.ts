/** What the storage tests say often: bytes that tell their position, and what must hold of them. */
import assert from "node:assert/strict";
import { DiskError, type DiskErrorCode } from "../../../src/storage/mod.ts";

export function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** `length` bytes that tell their position. */
export function pattern(length: number, seed = 0): Uint8Array {
  const filled = new Uint8Array(length);
  for (let index = 0; index < length; index++) filled[index] = (index * 31 + (index >> 8) + seed) & 0xff;
  return filled;
}

/** Like deepEqual, but a difference is told in one line. */
export function sameBytes(actual: Uint8Array, wanted: Uint8Array): void {
  assert.equal(actual.length, wanted.length, "lengths differ");
  const at = actual.findIndex((byte, index) => byte !== wanted[index]);
  assert.equal(at, -1, `byte ${at} is ${actual[at]}, not ${wanted[at]}`);
}

export function throwsCode(code: DiskErrorCode, call: () => unknown): DiskError {
  let thrown: unknown = null;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown instanceof DiskError, `DiskError "${code}" expected, not ${thrown}`);
  assert.equal(thrown.code, code, thrown.message);
  return thrown;
}
