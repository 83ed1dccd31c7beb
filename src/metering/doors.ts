/** What the doors counted: connections, bytes and the main thread's stages of requests. Pure. */
import type { DoorCounts } from "../doors.ts";
import {
  addUp,
  familiesOf,
  type Family,
  family,
  joinFamilies,
  LISTENER_SHEET,
  single,
} from "../meter/mod.ts";

/** The families of all doors. Durations of all together, numbers of each for itself. */
export function doorFamilies(
  doors: readonly DoorCounts[],
  inFlight: { readonly bytes: number; readonly bytesMax: number },
  waiting: number,
): Family[] {
  const metered = doors.flatMap(({ door, values }) => values === null ? [] : [{ door, values }]);
  const values = addUp(LISTENER_SHEET, metered.map((door) => door.values));
  return joinFamilies([
    familiesOf(LISTENER_SHEET, values, {}, "histograms"),
    ...metered.map(({ door, values }) => familiesOf(LISTENER_SHEET, values, { door }, "numbers")),
    [
      family(
        "gauge",
        "weir_connections",
        "Open connections",
        doors.map(({ door, connections }) => ({ labels: { door }, value: connections })),
      ),
      single("gauge", "weir_inflight_bytes", "Bytes of requests and answers under way", inFlight.bytes),
      single(
        "gauge",
        "weir_inflight_limit_bytes",
        "How many there may be before reading stops",
        inFlight.bytesMax,
      ),
      single("gauge", "weir_waiting_commands", "Commands that wait for workers", waiting),
    ],
  ]);
}
