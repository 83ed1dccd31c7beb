/**
 * Loading this module makes gzip, snappy, lz4 and (where the runtime has it)
 * zstd known to `record/mod.ts`. No native addon is needed. Apart from the room's
 * own door because the libraries take some 20 ms to load: the broker's start
 * does without them.
 */
import { useCodec } from "../compression.ts";
import { LZ4 } from "./lz4.ts";
import { SNAPPY } from "./snappy.ts";
import { GZIP, ZSTD } from "./zlib.ts";

useCodec("gzip", GZIP);
useCodec("snappy", SNAPPY);
useCodec("lz4", LZ4);
if (ZSTD !== null) useCodec("zstd", ZSTD);
