/**
 * ApiVersions, key 18, versions 0 to 4: which APIs and versions this broker serves.
 * It is derived from the files beside this one, so nothing is listed that is not
 * served. A version it does not know is answered in version 0 with error 35 and
 * its own range (KIP-511); the client's name and version are checked from version
 * 3 on. Produce is listed from version 0 though 0 to 2 are refused: older
 * librdkafka compresses only where it sees them (KAFKA-18659).
 *
 * Features (KIP-584): metadata.version at the level of Apache Kafka 4.0, and
 * group.version 1, by which clients see that the new protocol of consumer groups
 * is on. A feature that may be at level 0 is left out of what is supported below
 * version 4, whose readers do not take it (KIP-1022).
 * Not done: finalized features that change (UpdateFeatures).
 */
import type { DraftOf } from "../../bytes/mod.ts";
import { fault } from "../../model/mod.ts";
import { type Api, defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { servedApis } from "../registry.ts";
import { API_VERSIONS_REQUEST, API_VERSIONS_RESPONSE } from "../schemas/api_versions.ts";

type Response = DraftOf<typeof API_VERSIONS_RESPONSE>;

const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
const METADATA_VERSION = "metadata.version";
/** 3.3-IV3, the first that may be finalized, and 4.0-IV3. */
const METADATA_LEVEL_MIN = 7;
const METADATA_LEVEL = 25;
const GROUP_VERSION = "group.version";
const GROUP_LEVEL = 1;
/** Clients take a feature's lowest level 0 from here on. */
const LEVEL_0_VERSION_MIN = 4;

export const apiVersions = defineApi({
  key: 18,
  request: API_VERSIONS_REQUEST,
  response: API_VERSIONS_RESPONSE,
  versions: [0, 4],
  serve({ clientSoftwareName, clientSoftwareVersion }, call) {
    if (call.version >= 3 && !(SOFTWARE.test(clientSoftwareName) && SOFTWARE.test(clientSoftwareVersion))) {
      const words = 'The client\'s software name and version must be letters, digits, "." and "-"';
      return call.answer({ errorCode: errorCode(fault("INVALID_REQUEST", words)) });
    }
    call.answer({
      apiKeys: servedApis().map(rangeOf),
      ...features(call.version, call.broker.metadataOffset()),
    });
  },
});

/** The answer, in version 0, to a version of ApiVersions that is not served. */
export function answerUnknownVersion(api: Api): Response {
  return { errorCode: errorCode(fault("UNSUPPORTED_VERSION", "")), apiKeys: [rangeOf(api)] };
}

function rangeOf({ key, lowestAdvertised, versions }: Api) {
  return { apiKey: key, minVersion: lowestAdvertised, maxVersion: versions[1] };
}

function features(version: number, epoch: number): Response {
  const metadata = { name: METADATA_VERSION, minVersion: METADATA_LEVEL_MIN, maxVersion: METADATA_LEVEL };
  const groups = { name: GROUP_VERSION, minVersion: 0, maxVersion: GROUP_LEVEL };
  return {
    supportedFeatures: version < LEVEL_0_VERSION_MIN ? [metadata] : [metadata, groups],
    finalizedFeaturesEpoch: epoch,
    finalizedFeatures: [
      { name: METADATA_VERSION, minVersionLevel: METADATA_LEVEL, maxVersionLevel: METADATA_LEVEL },
      { name: GROUP_VERSION, minVersionLevel: GROUP_LEVEL, maxVersionLevel: GROUP_LEVEL },
    ],
  };
}
