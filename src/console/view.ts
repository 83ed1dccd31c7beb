/**
 * What the HTTP door sees of the broker: commands as any client can send them, a
 * few views that no protocol has, and records in the clear. The console room
 * knows nothing behind this port; the room `console_view` makes it from the real
 * parts, and tests may make it from others. Every call answers, none throws; what
 * failed comes as a fault.
 */
import type { Fault, GroupDescription, Image, Reply, SettingDescription, Submit } from "../model/mod.ts";

/** Who the broker is. */
export interface BrokerIdentity {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly version: string;
  readonly dataDirectory: string;
  /** `HOST:PORT` of each open door; `null`: shut. */
  readonly addresses: { readonly kafka: string | null; readonly native: string | null };
}

/** One segment as it lies on the disk. */
export interface SegmentView {
  readonly baseOffset: number;
  /** The offset after its last record. */
  readonly nextOffset: number;
  readonly bytes: number;
  readonly indexBytes: number;
  /** Largest timestamp, milliseconds since 1970; −1 when no record has one. */
  readonly maxTimestamp: number;
  readonly isActive: boolean;
  /** Compaction went over it. */
  readonly isClean: boolean;
}

/** A connection to one of the doors. */
export interface ConnectionView {
  readonly door: string;
  readonly remote: string;
  /** What the client calls itself; "" until it said so. */
  readonly clientId: string;
  /** Its software's name and version, "" when it does not tell. */
  readonly software: string;
  readonly openedMs: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Requests that wait for their answers. */
  readonly waiting: number;
}

/** A record in the clear. */
export interface RecordView {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970; −1: none. */
  readonly timestamp: number;
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

export interface ReadQuery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Records at most. */
  readonly countMax: number;
  /** Bytes of record batches at most, and of the records in them, though one batch, one record always comes. */
  readonly bytesMax: number;
  /** How long to wait for a first record at the log's end; 0: not at all. */
  readonly waitMsMax: number;
}

export interface ReadAnswer {
  readonly fault: Fault | null;
  readonly records: readonly RecordView[];
  /** Ask on from here: also past offsets that compaction or control batches left empty. */
  readonly nextOffset: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

export interface RecordToWrite {
  /** −1: by the key's hash as Kafka's clients do, or any. */
  readonly partition: number;
  /** −1: now. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

export interface WriteAnswer {
  readonly fault: Fault | null;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

/** A number that was counted, or a distribution. Names are Prometheus' own, units in the name. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly MetricSample[];
  /** Of gauges with a great many series: these, and no samples. */
  readonly table?: MetricTable;
}

/** Series as columns, a row for each. */
export interface MetricTable {
  /** Labels as both of Prometheus' forms have them in front of the value: `{a="b"} `. */
  readonly texts: readonly string[];
  /** Finite; NaN where there is no such series now. */
  readonly values: ArrayLike<number>;
  labelsOf(row: number): MetricSample["labels"];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  /** Of counters and gauges. */
  readonly value: number;
  /** Of histograms: upper bounds, how many lie at or below each (cumulative), and the sum. */
  readonly buckets?: readonly { readonly upTo: number; readonly count: number }[];
  readonly sum?: number;
  readonly count?: number;
}

/** The port. */
export interface ConsoleView {
  readonly identity: BrokerIdentity;
  /** False while partitions are still being opened, and once the broker stops. */
  isReady(): boolean;
  image(): Image;
  nowMs(): number;
  /** As a client's command; the reply comes as a promise that never rejects. */
  ask(command: Parameters<Submit>[0]): Promise<Reply>;
  segments(topic: string, partition: number): Promise<readonly SegmentView[] | Fault>;
  connections(): readonly ConnectionView[];
  /** Every group there is, described; `offsets` of all of them come from the command `fetch_offsets`. */
  groups(): Promise<readonly GroupDescription[]>;
  read(query: ReadQuery, signal?: AbortSignal): Promise<ReadAnswer>;
  /** Appends, acks=all; answers in the order of `records`. */
  write(topic: string, records: readonly RecordToWrite[]): Promise<readonly WriteAnswer[]>;
  /** The broker's own settings with their explanation. */
  settings(): Promise<readonly SettingDescription[]>;
  /** All of Weir's own metrics now: main thread, workers and coordinator together. */
  metrics(): Promise<readonly MetricFamily[]>;
}
