/**
 * DescribeCluster, key 60, versions 0 to 2: the cluster's id and its brokers, here
 * the one, at the address this client reached. Asking for controllers (version 1,
 * KIP-919) is refused as Kafka's brokers refuse it. KIP-700, KIP-1073.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { clusterOperations } from "../operations.ts";
import { DESCRIBE_CLUSTER_REQUEST, DESCRIBE_CLUSTER_RESPONSE } from "../schemas/describe_cluster.ts";

const ENDPOINT_BROKERS = 1;

export const describeCluster = defineApi({
  key: 60,
  request: DESCRIBE_CLUSTER_REQUEST,
  response: DESCRIBE_CLUSTER_RESPONSE,
  versions: [0, 2],
  serve({ endpointType, includeClusterAuthorizedOperations }, call) {
    if (endpointType !== ENDPOINT_BROKERS) {
      const failed = fault(
        "MISMATCHED_ENDPOINT_TYPE",
        `Endpoints of type "${endpointType}" are not here, wanted 1`,
      );
      return call.answer({ errorCode: errorCode(failed), errorMessage: errorMessage(failed) });
    }
    const { nodeId, host, port } = call.endpoint;
    call.answer({
      clusterId: call.broker.clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, host, port, rack: null }],
      clusterAuthorizedOperations: clusterOperations(includeClusterAuthorizedOperations),
    });
  },
});
