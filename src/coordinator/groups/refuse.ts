/**
 * What whoever asked is told when the log could not keep what was decided: to
 * come again, as Kafka's clients do on these codes; or that it was too much.
 * Source: Kafka's `CoordinatorOperationExceptionHelper`.
 */
import { type Fault, fault, type GroupCommand, type Reply } from "../../model/mod.ts";
import { refuseCommit } from "./offsets/commit.ts";

/** The reply to a command whose records could not be kept. */
export function refuse(command: GroupCommand, failed: Fault): Reply {
  if (command.kind !== "commit_offsets") {
    return { kind: "failed", fault: told(failed, "UNKNOWN_SERVER_ERROR") };
  }
  return refuseCommit(command, told(failed, "INVALID_COMMIT_OFFSET_SIZE"));
}

/** A disk that is full, or a log that cannot be written now, may be well in a while; a batch too large stays so. */
export function told(
  { code, message }: Fault,
  tooLarge: "UNKNOWN_SERVER_ERROR" | "INVALID_COMMIT_OFFSET_SIZE",
): Fault {
  const isTooLarge = code === "MESSAGE_TOO_LARGE" || code === "RECORD_LIST_TOO_LARGE" ||
    code === "POLICY_VIOLATION";
  return fault(isTooLarge ? tooLarge : "COORDINATOR_NOT_AVAILABLE", message);
}
