import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { KeyHash } from "../../../../src/log/compaction/key_hash.ts";
import { OffsetMap } from "../../../../src/log/compaction/offset_map.ts";

const SECRET = new Uint32Array(Uint8Array.from({ length: 16 }, (_, index) => index).buffer);
const KEY_BYTES = Uint8Array.from({ length: 64 }, (_, index) => index);

function hashOf(size: number): string {
  const hash = new KeyHash(SECRET);
  hash.update(KEY_BYTES, 0, size);
  return new Uint8Array(hash.words.buffer).toHex();
}

describe("KeyHash", () => {
  it("gives the hashes of its authors' test vectors", () => {
    assert.equal(hashOf(0), "a3817f04ba25a8e66df67214c7550293");
    assert.equal(hashOf(1), "da87c1d86b99af44347659119b22fc45");
  });

  it("tells every prefix apart, and depends on its secret", () => {
    const hashes = new Set(Array.from({ length: 64 }, (_, size) => hashOf(size)));
    assert.equal(hashes.size, 64);
    const other = new KeyHash(Uint32Array.of(1, 2, 3, 4));
    other.update(KEY_BYTES, 0, 8);
    assert.notEqual(new Uint8Array(other.words.buffer).toHex(), hashOf(8));
  });
});

describe("OffsetMap", () => {
  it("holds what a Map holds", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 200 }), (keys) => {
        const map = new OffsetMap({ dedupeBytesMax: 1_000_000, secret: SECRET }, keys.length);
        const model = new Map<string, number>();
        keys.forEach((key, offset) => {
          assert.ok(map.put(key, 0, key.length, offset));
          model.set(key.toHex(), offset);
        });
        assert.equal(map.count, model.size);
        for (const key of keys) assert.equal(map.get(key, 0, key.length), model.get(key.toHex()));
        assert.equal(map.get(KEY_BYTES, 0, 9), -1);
      }),
      { numRuns: 100 },
    );
  });

  it("stays within its bytes and goes on taking the keys that it has", () => {
    const map = new OffsetMap({ dedupeBytesMax: 240, secret: SECRET }, 1_000);
    let count = 0;
    while (map.put(KEY_BYTES, count, 8, count)) count++;
    assert.equal(count, 9);
    assert.ok(map.put(KEY_BYTES, 3, 8, 100));
    assert.equal(map.get(KEY_BYTES, 3, 8), 100);
    assert.equal(map.get(KEY_BYTES, count, 8), -1);
  });
});
