/** What all clients of a run have in common: a number, chance of their own, a connection that is made anew. */
import type { ClientConnection } from "./network.ts";
import type { SeededRandom } from "./random.ts";
import type { Simulation } from "./simulation.ts";

export interface Actor {
  readonly simulation: Simulation;
  readonly random: SeededRandom;
  readonly number: number;
  connection: ClientConnection | null;
}

/** Waits a moment between two requests. */
export function pause({ simulation, random }: Actor): Promise<void> {
  return simulation.sleep(random.fraction() * simulation.plan.pauseMsMax);
}

/** Does something with an open connection, if there can be one. */
export function withConnection(actor: Actor, use: (connection: ClientConnection) => void): void {
  if (actor.connection?.isOpen !== true) actor.connection = actor.simulation.connect(actor.random);
  if (actor.connection !== null) use(actor.connection);
}
