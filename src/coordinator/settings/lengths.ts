/** Bounds on what is stored of settings. */
import { type Fault, fault } from "../../model/mod.ts";

/** The longest value of a setting. Source: Kafka's `ConfigurationControlManager`. */
const SETTING_VALUE_LENGTH_MAX = 32_767;

/** INVALID_CONFIG for the first value too long to keep, or `null`. */
export function checkSettingLengths(settings: Readonly<Record<string, string | null>>): Fault | null {
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value.length <= SETTING_VALUE_LENGTH_MAX) continue;
    return fault(
      "INVALID_CONFIG",
      `Value of setting "${name}" has ${value.length} characters, wanted are at most ${SETTING_VALUE_LENGTH_MAX}`,
    );
  }
  return null;
}
