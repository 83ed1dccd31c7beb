/**
 * What opening a log can throw besides the disk's own errors: a directory that
 * cannot be this partition's log. Everything else that is wrong on the disk is
 * repaired and reported, or answered with a Fault when it is read. The shard
 * turns a LogError into the fault of the one partition that it concerns.
 */

/** Why a directory or one of its text files is refused. */
export type LogErrorCode =
  /** The directory belongs to a topic of another id. */
  | "inconsistent_topic_id"
  /** A text file does not follow its format. */
  | "corrupt_text";

/** A directory or file that is not what it should be. */
export class LogError extends Error {
  override name = "LogError";
  readonly code: LogErrorCode;
  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
