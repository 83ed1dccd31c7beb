/** Bounds on what a topic stores of its settings. */
import { type Fault, fault } from "../../model/mod.ts";

/** The longest value of a setting. Source: Kafka's `ConfigurationControlManager`. */
const SETTING_VALUE_LENGTH_MAX = 32_767;

/** INVALID_CONFIG for a value too long to keep, or `null`. */
export function checkSettingLengths(settings: Readonly<Record<string, string>>): Fault | null {
  for (const [name, value] of Object.entries(settings)) {
    if (value.length <= SETTING_VALUE_LENGTH_MAX) continue;
    return fault(
      "INVALID_CONFIG",
      `Value of topic setting "${name}" has ${value.length} characters, ` +
        `wanted are at most ${SETTING_VALUE_LENGTH_MAX}`,
    );
  }
  return null;
}
