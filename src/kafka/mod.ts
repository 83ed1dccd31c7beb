/** The Kafka door: Apache Kafka's wire protocol, as one broker speaks it. */
export { kafkaDoor } from "./door.ts";
export { servedApis } from "./registry.ts";
