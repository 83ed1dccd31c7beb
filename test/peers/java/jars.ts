/**
 * Apache Kafka's jars, fetched once by Maven with strict checksums into the cache, and how a class of them is run.
 * The versions are those of pom.xml. Tools run with a small, quick-to-start JVM; the broker does not (servers.ts).
 */
import { cacheDirectory, fillOnce } from "../cache.ts";
import { type Ended, type Extras, isInstalled, run } from "../process.ts";

const POM = new URL("pom.xml", import.meta.url).pathname;
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

interface JavaHome {
  readonly classPath: string;
  /** Log configuration of tools: warnings, on standard error. */
  readonly toolLog: string;
  /** Log configuration of the broker: everything from INFO on, into a file, as Kafka ships it. */
  readonly brokerLog: string;
}

const TOOL_LOG = `status = error
appender.console.type = Console
appender.console.name = stderr
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
`;

const BROKER_LOG = `status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = \${sys:kafka.logs.dir}/server.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
`;

/** Where the jars and log configurations lie. */
export async function javaHome(): Promise<JavaHome> {
  const directory = await cacheDirectory("kafka");
  return {
    classPath: `${directory}/lib/*`,
    toolLog: `${directory}/tool.properties`,
    brokerLog: `${directory}/broker.properties`,
  };
}

/** Fetches the jars; gives one sentence where that cannot be done. */
export async function prepareJava(): Promise<string | null> {
  if (!await isInstalled("java", ["-version"])) return "Java is not installed";
  const directory = await cacheDirectory("kafka");
  const { toolLog, brokerLog } = await javaHome();
  await Deno.writeTextFile(toolLog, TOOL_LOG);
  await Deno.writeTextFile(brokerLog, BROKER_LOG);
  return await fillOnce(directory, await Deno.readTextFile(POM), async () => {
    if (!await isInstalled("mvn", ["-v"])) return "Maven, which fetches Kafka's jars, is not installed";
    await Deno.remove(`${directory}/lib`, { recursive: true }).catch(() => {});
    const words = ["-q", "-B", "-C", "-f", POM, COPY, "-DincludeScope=runtime"];
    const fetched = await run("mvn", [...words, `-DoutputDirectory=${directory}/lib`], {
      timeoutMs: 300_000,
    });
    return fetched.code === 0 ? null : `Kafka's jars could not be fetched from Maven Central`;
  });
}

/** What Kafka's own scripts set for every program, besides the heap. */
export const KAFKA_JVM: readonly string[] = [
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Djava.awt.headless=true",
];

/** A JVM that starts quickly, for tools that end at once. */
const SMALL_JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m"];

/**
 * Runs a class of the jars, one in `classes`, or a single source file (`.java`), with `words` as its arguments;
 * in a small JVM unless its options are given.
 */
export async function java(
  main: string,
  words: readonly string[],
  extras: Extras & { readonly jvm?: readonly string[]; readonly classes?: string } = {},
): Promise<Ended> {
  const { classPath, toolLog } = await javaHome();
  const path = extras.classes === undefined ? classPath : `${classPath}:${extras.classes}`;
  return await run(
    "java",
    [...(extras.jvm ?? SMALL_JVM), `-Dlog4j2.configurationFile=${toolLog}`, "-cp", path, main, ...words],
    extras,
  );
}

/** Compiles a source file that is run often into `directory`, which it gives back. */
export async function compile(source: string, directory: string): Promise<string> {
  const { classPath } = await javaHome();
  const compiled = await run("javac", ["-nowarn", "-cp", classPath, "-d", directory, source]);
  if (compiled.code !== 0) throw new Error(`"${source}" was not compiled: ${compiled.stderr}`);
  return directory;
}
