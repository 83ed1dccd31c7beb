/**
 * One life of a broker process: the real coordinator client, pool, hosting,
 * router, checkpoints, native door and connections, wired as `src/compose.ts`
 * does it, over simulated threads, clock, network and disk.
 */
import { Checkpoints } from "../../src/checkpoints.ts";
import {
  coordinatorSettings,
  logSettings,
  resolveBrokerSettings,
  settingsDescriber,
} from "../../src/config/mod.ts";
import type { BrokerSettings } from "../../src/config/mod.ts";
import type { Clock, Logger } from "../../src/host/mod.ts";
import { clearLeftovers } from "../../src/leftovers.ts";
import { CoordinatorClient, Hosting, Pool } from "../../src/mailbox/mod.ts";
import { applyEvents, type Image, IMAGE_EMPTY, type LogSettings } from "../../src/model/mod.ts";
import { nativeDoor } from "../../src/native/mod.ts";
import { Connection, type InFlight, type Socket } from "../../src/net/connection.ts";
import type { Door } from "../../src/net/mod.ts";
import { Router } from "../../src/route/mod.ts";
import { type DataDirectory, DiskError, openDataDirectory } from "../../src/storage/mod.ts";
import type { Acceptor } from "./network.ts";
import { type Machine, simulatedSpawn } from "./workers.ts";
import { worldClock } from "./world.ts";

const DATA = "data";
const EXPIRY_MS = 250;

/** Segments of the simulation are so much smaller than `segment.bytes` says: or few would ever roll. */
const SEGMENT_SCALE = 512;

/** What `segment.bytes` stands for. */
export function segmentBytesMax(bytes: number): number {
  return Math.floor(bytes / SEGMENT_SCALE);
}

function scaled(settings: LogSettings): LogSettings {
  return { ...settings, segmentBytesMax: segmentBytesMax(settings.segmentBytesMax) };
}

/** Settings as `--set` takes them, resolved. */
export function brokerSettings(assignments: readonly string[]): BrokerSettings {
  const resolved = resolveBrokerSettings({ assignments });
  if (resolved.kind === "setting_error") throw new Error(resolved.message);
  return resolved.settings;
}

export class SimulatedBroker implements Acceptor {
  readonly #machine: Machine;
  readonly #settings: BrokerSettings;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #hosting: Hosting;
  readonly #router: Router;
  readonly #connections = new Set<Connection>();
  readonly #inFlight: InFlight;
  #directory: DataDirectory | null = null;
  #checkpoints: Checkpoints | null = null;
  #coordinator: CoordinatorClient | null = null;
  #image: Image = IMAGE_EMPTY;
  #door: Door | null = null;
  #isStopping = false;
  #isServing = false;

  constructor(machine: Machine, settings: BrokerSettings) {
    const { values } = settings;
    this.#machine = machine;
    this.#settings = settings;
    this.#clock = worldClock(machine.world, () => machine.isAlive());
    this.#inFlight = { bytes: 0, bytesMax: values["inflight.bytes.max"], blocked: new Set() };
    this.#pool = new Pool({
      workersMax: values["partition.workers.max"],
      worker: {
        dataDirectory: DATA,
        disk: "memory",
        waitersMax: values["waiters.max"],
        openFilesMax: values["open.files.max"],
        checkCrcOnRead: values["crc.check.on.read"],
        retentionIntervalMs: values["log.retention.check.interval.ms"],
        retentionDiskPercent: values["retention.disk.percent"],
        ...(machine.upkeep === null ? {} : { cleaner: machine.upkeep.cleaner }),
      },
      clock: this.#clock,
      logger: this.#logger,
      spawn: simulatedSpawn(machine),
    });
    this.#hosting = new Hosting(this.#pool, {
      settingsOf: (topic, image) => scaled(logSettings(topic.settings, settings, image.brokerSettings)),
      checkpointOf: (topic, partition) => this.#checkpoints!.of(topic, partition),
      forget: (partitions) => this.#checkpoints!.forget(partitions),
    });
    this.#router = this.#makeRouter();
  }

  get image(): Image {
    return this.#image;
  }

  /** Commands that wait inside the broker. */
  get waitingCount(): number {
    return this.#router.waitingCount;
  }

  get #logger(): Logger {
    return {
      log: (level, words) => {
        this.#machine.world.trace(`broker ${level}: ${words}`);
        if (words.includes("Cannot compact") && words.includes("no space")) this.#machine.noteFullCleaning();
      },
    };
  }

  /** Ready once it resolves. Throws what `src/compose.ts` would end the process with. */
  async start(): Promise<void> {
    const { disk, random } = this.#machine;
    this.#directory = openDataDirectory(DATA, disk);
    const identity = this.#directory.identify({ nodeId: 1, newId: () => random.id() });
    const { isClean } = this.#directory.takeCleanMarker();
    this.#checkpoints = new Checkpoints(
      this.#directory,
      isClean,
      (words) => this.#logger.log("warning", words),
    );
    await this.#startCoordinator(isClean);
    this.#isServing = true;
    const { values } = this.#settings;
    this.#clock.every(EXPIRY_MS, () => this.#router.expire(this.#clock.now()));
    this.#clock.every(values["log.flush.offset.checkpoint.interval.ms"], () => void this.writeCheckpoints());
    this.#door = nativeDoor({
      nodeId: 1,
      clusterId: identity.clusterId,
      version: "0",
      frameBytesMax: values["socket.request.max.bytes"],
      fetchBytesMax: values["fetch.max.bytes"],
      advertised: null,
      image: () => this.#image,
      submit: (command, reply) => this.#router.submit(command, reply),
    });
  }

  accept(socket: Socket): boolean {
    if (this.#door === null || this.#isStopping || !this.#machine.isAlive()) return false;
    const session = this.#door.open({ remote: "client", localHost: "broker", localPort: 9292 });
    const limits = { inFlightBytesMax: this.#settings.values["connection.inflight.bytes.max"] };
    const closed = (connection: Connection) => this.#connections.delete(connection);
    const connection = new Connection(socket, session, limits, this.#inFlight, closed);
    this.#connections.add(connection);
    void connection.run();
    return true;
  }

  async writeCheckpoints(): Promise<void> {
    const logs = await this.#pool.describeAll();
    if (this.#isStopping || !this.#machine.isAlive()) return;
    try {
      this.#checkpoints!.write(logs, this.#coordinator!);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!this.#machine.endsProcess(error)) this.#logger.log("warning", error.message);
    }
  }

  /** A stop on request; resolves when the process may exit. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const recoveryPoint = await this.#coordinator!.stop();
    const pool = await this.#pool.stop();
    for (const connection of [...this.#connections]) connection.finish();
    if (pool.clean && recoveryPoint !== null) {
      const { groupLogs } = this.#coordinator!;
      this.#checkpoints!.write(pool.logs, { recoveryPoint, groupLogs });
      this.#directory!.writeCleanMarker(-1);
    }
    this.#machine.world.trace(`broker stopped, clean ${pool.clean}`);
  }

  #makeRouter(): Router {
    return new Router({
      image: () => this.#image,
      place: (topic, partition) => this.#pool.find(topic, partition),
      coordinate: (command, reply) => this.#coordinator!.decide(command, reply),
      describeBroker: () => ({
        nodeId: 1,
        clusterId: "",
        version: "0",
        dataDirectory: DATA,
        disk: this.#pool.diskKind,
        diskBytesTotal: -1,
        diskBytesUsable: -1,
        upMs: 0,
        connections: this.#connections.size,
        topics: this.#image.topics.size,
        partitions: 0,
        workers: this.#pool.describeWorkers(),
      }),
      ...settingsDescriber(this.#settings, () => this.#image.brokerSettings),
      trimmed: (topic, partition, logStartOffset) => {
        this.#pool.remember(topic, partition, { logStartOffset });
        return this.#checkpoints!.trimmed(topic, partition, logStartOffset);
      },
      nowMs: () => this.#clock.now(),
      autoCreateTopics: true,
      fetchBytesMax: () => this.#settings.values["fetch.max.bytes"],
    });
  }

  #startCoordinator(clean: boolean): Promise<void> {
    const settings = coordinatorSettings(this.#settings);
    const recoveryPoint = this.#checkpoints!.journalRecoveryPoint;
    const start = {
      kind: "start",
      dataDirectory: DATA,
      disk: "memory",
      settings,
      clean,
      recoveryPoint,
      groupLogs: this.#checkpoints!.groupLogs,
    } as const;
    return new Promise((resolve, reject) => {
      const listener = {
        replaced: (image: Image) => {
          try {
            if (!this.#isServing) this.#clearAway(image);
          } catch (error) {
            return reject(error);
          }
          this.#become(image, resolve);
        },
        decided: (events: Parameters<typeof applyEvents>[1], settled: () => void) =>
          this.#become(applyEvents(this.#image, events), settled),
      };
      const spawn = simulatedSpawn(this.#machine);
      this.#coordinator = new CoordinatorClient(start, listener, this.#clock, this.#logger, spawn);
      this.#coordinator.start().catch(reject);
    });
  }

  #clearAway(image: Image): void {
    for (const words of clearLeftovers(this.#machine.disk, DATA, image)) this.#logger.log("warning", words);
    this.#checkpoints!.keepOnly(image);
  }

  #become(image: Image, settled: () => void): void {
    const before = this.#image;
    this.#image = image;
    this.#hosting.change(before, image, settled);
  }
}
