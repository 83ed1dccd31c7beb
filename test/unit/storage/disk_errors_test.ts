/** What the operating system says, in the codes the broker acts on and in words. */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { diskError, lostError } from "../../../src/storage/disk_checks.ts";

/** As the runtime throws it: with the system's name, or with no more than its number. */
function thrown(what: string | number): Error {
  if (typeof what === "number") return new Error(`Something happened (os error ${what})`);
  return Object.assign(new Error("Something happened"), { code: what });
}

it("diskError: a full disk, a quota, a bound and a read-only file system are told apart", () => {
  const told = (what: string | number) => {
    const { code, message } = diskError(thrown(what), "write", "a");
    return [code, message];
  };
  assert.deepEqual(told("ENOSPC"), ["full", `Can't write "a": no space left on the device`]);
  assert.deepEqual(told(28), told("ENOSPC"));
  assert.deepEqual(told("EDQUOT"), ["full", `Can't write "a": the disk quota is reached`]);
  assert.deepEqual([told(122), told(69)], [told("EDQUOT"), told("EDQUOT")]);
  assert.deepEqual(told(27), ["full", `Can't write "a": the file would be larger than the system allows`]);
  assert.deepEqual(told("EROFS"), ["denied", `Can't write "a": the file system is read-only`]);
  assert.deepEqual(told("EACCES"), ["denied", `Can't write "a": permission denied`]);
  const failed = `Can't write "a": input or output failed (Something happened`;
  assert.deepEqual([told("EIO"), told(5)], [["io", `${failed})`], ["io", `${failed} (os error 5))`]]);
});

it("lostError: what a sync could not write is lost, a full disk being the cause or not", () => {
  const told = (what: string) => lostError(thrown(what), "sync", "a");
  assert.deepEqual([told("ENOSPC").code, told("EDQUOT").code, told("EIO").code], ["io", "io", "io"]);
  assert.equal(told("ENOSPC").message, `Can't sync "a": no space left on the device`);
  assert.equal(told("EROFS").code, "denied");
});
