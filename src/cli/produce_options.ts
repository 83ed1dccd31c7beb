/** Words that `produce` and the benches take for acks and compression, and what the client calls them. */

/** Kafka's words for acknowledgements. */
export const ACKS = ["0", "1", "all"] as const;

/** Compression codecs by Kafka's names. */
export const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** The client's form of an `--acks` word. */
export function acksOf(word: typeof ACKS[number]): 0 | 1 | "all" {
  return word === "all" ? "all" : word === "0" ? 0 : 1;
}
