/**
 * The HTTP door: health, metrics, the admin API in REST v3's shapes, records, and
 * the console's pages, all behind the port `ConsoleView`. Loaded at the first
 * request; imports model, host, config and hono.
 */
export { type Console, makeConsole } from "./app.ts";
export type { ConsoleOptions } from "./options.ts";
export type {
  BrokerIdentity,
  ConnectionView,
  ConsoleView,
  MetricFamily,
  MetricSample,
  ReadAnswer,
  ReadQuery,
  RecordToWrite,
  RecordView,
  SegmentView,
  WriteAnswer,
} from "./view.ts";
