/**
 * In the end each topic holds what its settings say and no more: of what was sealed
 * only the last record of each key, but for a share that is not worth a cleaning;
 * no byte that is not kept.
 */
import type { Weir } from "weir";
import { listSegments, readPartition } from "./cleaning_reader.ts";
import type { FoundRecord } from "./keyed_check.ts";
import type { KeyedLedger } from "./keyed_ledger.ts";

const WAIT_MS_MAX = 15_000;
const LOOK_INTERVAL_MS = 200;
/** More than `min.cleanable.dirty.ratio`, which counts bytes, and not records. */
const SUPERSEDED_SHARE_MAX = 0.05;

/** Waits until a partition nobody writes to has shrunk; gives what is too much in it when it does not. */
export async function findExcess(weir: Weir, data: string, ledger: KeyedLedger): Promise<string[]> {
  const deadlineMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const excess = ledger.policy.compacts
      ? await findSuperseded(weir, data, ledger)
      : findBytes(data, ledger);
    if (excess === null) return [];
    if (Date.now() > deadlineMs) return [`${ledger.name}: ${excess}`];
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
}

async function findSuperseded(weir: Weir, data: string, ledger: KeyedLedger): Promise<string | null> {
  const { records, facts } = await readPartition(weir, data, ledger);
  const sealed = records.filter(({ offset }) => offset < facts.activeOffset);
  const keys = new Map(sealed.map((record): [string | null, FoundRecord] => [record.key, record]));
  const superseded = sealed.length - keys.size;
  if (superseded <= sealed.length * SUPERSEDED_SHARE_MAX) return null;
  return `${superseded} of ${sealed.length} sealed records are superseded`;
}

function findBytes(data: string, ledger: KeyedLedger): string | null {
  const segments = listSegments(data, ledger);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const kept = ledger.policy.retentionBytes ?? Infinity;
  if (bytes - (segments[0]?.bytes ?? 0) < kept) return null;
  return `${bytes} bytes are there, ${kept} are to be kept`;
}
