/**
 * The router: a command and the image decide who does the work, here, a worker
 * or several, or the coordinator. Pure: the clock is a port, answers come back
 * through callbacks. Every command is answered exactly once.
 */
import type { Command, Reply } from "../model/mod.ts";
import type { Routes } from "./ask_entries.ts";
import { Deadlines } from "./deadlines.ts";
import { describeSettings } from "./describe_settings.ts";
import { describeTopics } from "./describe_topics.ts";
import { FetchGather } from "./gather_fetch.ts";
import { metadata } from "./metadata.ts";
import { describeProducers, epochEnds, listOffsets, produce, trim } from "./partitions.ts";
import type { RouterPorts } from "./ports.ts";

type Done = (reply: Reply) => void;

export class Router {
  readonly #routes: Routes;

  constructor(ports: RouterPorts) {
    this.#routes = { ports, deadlines: new Deadlines() };
  }

  /** Commands that wait for workers. */
  get waitingCount(): number {
    return this.#routes.deadlines.count;
  }

  /** Ends what has waited too long; to be called a few times a second. */
  expire(nowMs: number): void {
    this.#routes.deadlines.expire(nowMs);
  }

  /** Does `command` and calls `done` with its reply. */
  submit(command: Command, done: Done): void {
    const { ports, deadlines } = this.#routes;
    switch (command.kind) {
      case "produce":
        return produce(this.#routes, command, done);
      case "fetch":
        return new FetchGather(command, ports, deadlines, done).start();
      case "list_offsets":
        return listOffsets(this.#routes, command, done);
      case "trim":
        return trim(this.#routes, command, done);
      case "epoch_ends":
        return epochEnds(this.#routes, command, done);
      case "describe_producers":
        return describeProducers(this.#routes, command, done);
      case "metadata":
        return metadata(ports, command, done);
      case "describe_topics":
        return describeTopics(this.#routes, command, done);
      case "describe_settings":
        return done(describeSettings(ports, command));
      case "describe_broker":
        return done({ kind: "broker_described", broker: ports.describeBroker() });
      default:
        return ports.coordinate(command, done);
    }
  }
}
