/** The clients that can be members of groups here, and why others cannot. */
import type { GroupClient } from "./member.ts";

const MEMBERS = new URL("./members/", import.meta.url).pathname;
const PYTHON = "/usr/bin/python3";

export const KAFKAJS = deno("kafkajs", "kafkajs.ts");
export const PLATFORMATIC = deno("@platformatic/kafka", "platformatic.ts");
export const PLATFORMATIC_NEW: GroupClient = {
  ...deno("@platformatic/kafka, new protocol", "platformatic.ts"),
  flags: ["--new"],
};
export const KAFKA_PYTHON = python("python3-kafka", "kafka", "kafka_python.py");
export const CONFLUENT = python("python3-confluent-kafka", "confluent_kafka", "confluent.py");

function deno(name: string, program: string): GroupClient {
  return { name, found: { command: [Deno.execPath(), "run", "--quiet", "-A", MEMBERS + program] } };
}

function python(name: string, module: string, program: string): GroupClient {
  if (isThere(module)) return { name, found: { command: [PYTHON, MEMBERS + program] } };
  const missing = `${name} is not installed for ${PYTHON} (Debian: apt-get install ${name})`;
  return { name, found: { missing } };
}

function isThere(module: string): boolean {
  try {
    return new Deno.Command(PYTHON, { args: ["-c", `import ${module}`], stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
