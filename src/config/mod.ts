/**
 * Settings: every broker and topic setting in one table each, resolved from
 * `--set`, flags, environment, file and defaults. Pure; imports the model only.
 */
export type { AdvertisedAddress, ListenAddress } from "./setting.ts";
export type { BrokerKey } from "./broker_table.ts";
export {
  type BrokerSettings,
  resolveBrokerSettings,
  type ResolvedSettings,
  type SettingError,
  type SettingLayers,
} from "./resolve.ts";
export { brokerListInForce, validateBrokerChange } from "./changed.ts";
export { coordinatorSettings } from "./coordinator.ts";
export { describeBrokerSettings, describeTopicSettings, settingsDescriber } from "./describe.ts";
export { logSettings, topicListInForce, validateTopicKey, validateTopicSettings } from "./topic.ts";
export { nearest } from "./nearest.ts";
export { settingsTable } from "./markdown.ts";
export { partitionWorkerSettings } from "./worker.ts";
