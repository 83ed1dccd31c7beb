/** What the coordinator counted, and what it was asked for. Pure. */
import type { CoordinatorCounts } from "../mailbox/mod.ts";
import { COORDINATOR_SHEET, familiesOf, type Family, family, single } from "../meter/mod.ts";
import type { CoordinatorCommand } from "../model/mod.ts";

/** Told from the beginning, so that their rates are there from the first one on. */
const USUAL = [
  "join_group",
  "sync_group",
  "heartbeat_group",
  "consumer_heartbeat",
  "commit_offsets",
] as const;

/** The families of the coordinator. */
export function coordinatorFamilies(counts: CoordinatorCounts): Family[] {
  const { commands, isUp, pending, restarts, turns } = counts;
  const kinds = new Set<CoordinatorCommand["kind"]>([...USUAL, ...commands.keys()]);
  const of = (kind: CoordinatorCommand["kind"]) => commands.get(kind) ?? 0;
  return [
    ...familiesOf(COORDINATOR_SHEET, turns),
    family(
      "counter",
      "weir_coordinator_commands_total",
      "Commands the coordinator was asked to decide, by kind",
      [...kinds].map((command) => ({ labels: { command }, value: of(command) })),
    ),
    single("counter", "weir_offset_commits_total", "Requests to commit offsets", of("commit_offsets")),
    single(
      "counter",
      "weir_group_heartbeats_total",
      "Heartbeats of group members, of both protocols",
      of("heartbeat_group") + of("consumer_heartbeat"),
    ),
    single("gauge", "weir_coordinator_up", "1 while the coordinator runs, 0 until it is back", isUp ? 1 : 0),
    single("gauge", "weir_coordinator_pending_commands", "Commands that wait for their answer", pending),
    single(
      "counter",
      "weir_coordinator_restarts_total",
      "How often the coordinator was started again",
      restarts,
    ),
  ];
}
