/** The meter room: counters and histograms over typed arrays, what each thread counts in them, and how they are told. */
export { COORDINATOR_SHEET, CoordinatorMeter } from "./coordinator_turn.ts";
export {
  addUp,
  familiesOf,
  type Family,
  family,
  joinFamilies,
  type Sample,
  single,
  type Table,
  tabled,
} from "./families.ts";
export { HttpMeter } from "./http_meter.ts";
export { escapeLabel, labelText } from "./label_text.ts";
export { LISTENER_SHEET, ListenerMeter, UNMEASURED } from "./listener_meter.ts";
export { LOOP_SHEET, LoopMeter } from "./loop_meter.ts";
export { OUTBOX_SHEET, OutboxMeter } from "./outbox_meter.ts";
export { PARTITION_SHEET, type ShardFigures, TurnMeter } from "./partition_turn.ts";
export { RequestMeter } from "./requests.ts";
export type { Labels } from "./sheet.ts";
export type { Stopwatch } from "./stopwatch.ts";
export { Tally } from "./tally.ts";
