/** A thread that runs crash points: says that it is there, then answers each task with its outcome. */
import { runTask, type Task } from "./enumerate.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Task>) => void;
  postMessage(message: unknown): void;
};
scope.onmessage = ({ data }) => scope.postMessage(runTask(data));
scope.postMessage(null);
