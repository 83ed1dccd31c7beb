/** What the coordinator decides by, out of the broker's settings. */
import type { CoordinatorSettings } from "../model/mod.ts";
import type { BrokerSettings } from "./resolve.ts";

/** The settings of a coordinator. Plain data: may be posted to its worker. */
export function coordinatorSettings({ values, given }: BrokerSettings): CoordinatorSettings {
  return {
    nodeId: values["node.id"],
    partitionsDefault: values["num.partitions"],
    replicationFactorDefault: values["default.replication.factor"],
    deletionEnabled: values["delete.topic.enable"],
    given,
  };
}
