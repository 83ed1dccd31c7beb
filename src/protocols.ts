/**
 * The doors' protocols, each with what it needs of the broker: Kafka's and the
 * native one. Whoever was given the Kafka port and speaks the native protocol is
 * served all the same. Called by compose, which gives them their ports.
 */
import type { BrokerSettings } from "./config/mod.ts";
import { type Clock, type Logger, systemRandom } from "./host/mod.ts";
import { kafkaDoor } from "./kafka/mod.ts";
import type { Image, Submit } from "./model/mod.ts";
import { nativeDoor, speaksNative } from "./native/mod.ts";
import { type Door, eitherDoor } from "./net/mod.ts";
import type { Identity } from "./storage/mod.ts";

const INT32_MAX = 2_147_483_647;

/** What the doors see of the broker. */
export interface ProtocolOptions {
  readonly values: BrokerSettings["values"];
  readonly identity: Identity;
  readonly version: string;
  readonly logDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly submit: Submit;
  image(): Image;
  /** Where the metadata log ends. */
  metadataOffset(): number;
}

/** The doors, not yet open. */
export function makeProtocols(options: ProtocolOptions): { readonly kafka: Door; readonly native: Door } {
  const { values, identity, version, logDirectory, clock, logger, submit } = options;
  const common = {
    nodeId: identity.nodeId,
    clusterId: identity.clusterId,
    frameBytesMax: values["socket.request.max.bytes"],
    fetchBytesMax: values["fetch.max.bytes"],
    advertised: values["advertised.address"],
    submit,
  };
  const native = nativeDoor({ ...common, version, image: () => options.image() });
  const kafka = kafkaDoor({
    ...common,
    image: () => options.image(),
    metadataOffset: () => options.metadataOffset(),
    logDirectory,
    nowMs: () => clock.now(),
    broke: (words) => logger.log("error", words),
    newSessionId: () => 1 + Math.floor(systemRandom.fraction() * (INT32_MAX - 1)),
  });
  return { kafka: eitherDoor(kafka, native, speaksNative), native };
}
