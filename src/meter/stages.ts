/**
 * The stages a request goes through, as one family that several threads fill: the
 * names and words of it, once. A stage is counted once for each request in it,
 * though it is measured once for all that went through it together.
 */
import type { Sheet } from "./sheet.ts";

const HELP = {
  read: "from the bytes that began a request to those that ended it",
  route: "decoded, routed and put into a worker's mailbox",
  worker_queue: "in a worker's mailbox, there and back",
  append: "into the log",
  flush: "to the device",
  fetch: "from the log",
  reply: "written to the socket",
} as const;

const WORDS = Object.entries(HELP).map(([stage, words]) => `${stage}: ${words}`).join(", ");

/** The histogram of one stage; gives its slot. */
export function stageOf(sheet: Sheet, stage: keyof typeof HELP): number {
  return sheet.histogram("weir_stage_duration_seconds", `How long requests are in each stage: ${WORDS}`, {
    labels: { stage },
  });
}
