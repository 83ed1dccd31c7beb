/**
 * Altering the broker's own settings while it runs: those that topics fall back
 * on, and what every log reads. The others want a start. Kept in the journal,
 * so that they outlive the process.
 */
import { brokerListInForce, validateBrokerChange } from "../../config/mod.ts";
import type {
  AlterBrokerCommand,
  CoordinatorSettings,
  Fault,
  Image,
  MetadataEvent,
} from "../../model/mod.ts";
import { changesOf } from "../settings/change.ts";

/** The event of the command, `null` where nothing changes, or why it is refused whole. */
export function decideAlterBroker(
  image: Image,
  command: AlterBrokerCommand,
  settings: CoordinatorSettings,
): MetadataEvent | Fault | null {
  const own = image.brokerSettings;
  const decided = changesOf(command, {
    own,
    validate: validateBrokerChange,
    list: (name) => brokerListInForce(name, settings, own),
  });
  if ("code" in decided) return decided;
  if (command.validateOnly || Object.keys(decided.changes).length === 0) return null;
  return { kind: "broker_altered", settings: decided.changes };
}
