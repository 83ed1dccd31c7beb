/**
 * The only wiring: settings become a running broker. Opens the data directory,
 * starts the coordinator, the pool and the doors, and takes them down again in
 * the opposite order. Rules live in the rooms it connects.
 *
 *     listeners -> doors -> router -> outboxes -> partition workers
 *                              |-> coordinator worker -> image -> hosting -> pool
 */
import { attempt, Checkpoints } from "./checkpoints.ts";
import { type BrokerSettings, coordinatorSettings, logSettings, settingsDescriber } from "./config/mod.ts";
import { describeBroker } from "./description.ts";
import { type Clock, type Logger, systemClock, systemRandom } from "./host/mod.ts";
import { CoordinatorClient, CoordinatorError, Hosting, Pool } from "./mailbox/mod.ts";
import {
  applyEvents,
  type CoordinatorStart,
  type Image,
  IMAGE_EMPTY,
  isCoordinatorTopic,
  type Submit,
} from "./model/mod.ts";
import { clearLeftovers } from "./leftovers.ts";
import { makeProtocols } from "./protocols.ts";
import { type DoorAddresses, Doors, StartError } from "./doors.ts";
import { HttpDoor, type HttpDoorOptions } from "./http_door.ts";
import { Router } from "./route/mod.ts";
import { workerOptions } from "./worker_options.ts";
import {
  type DataDirectory,
  DataDirectoryError,
  DiskError,
  FileDisk,
  type Identity,
  MemoryDisk,
  openDataDirectory,
  ReserveKeeper,
} from "./storage/mod.ts";

/** The version clients are told; deno.json has the same. */
const VERSION = "0.1.0";

/** How often commands that wait for a worker are looked at. */
const EXPIRY_MS = 250;
/** How long a stopping broker waits for clients to take their last replies. */
const DRAIN_MS_MAX = 2_000;

export { type BoundAddress, type DoorAddresses, StartError } from "./doors.ts";

export interface BrokerOptions {
  readonly settings: BrokerSettings;
  /** Keep everything in memory; nothing touches the disk. */
  readonly memory: boolean;
  readonly logger: Logger;
}

/** A broker that serves. */
export interface RunningBroker {
  readonly addresses: DoorAddresses;
  readonly dataDirectory: string;
  /** The door without a protocol, for programs in the same process. */
  readonly submit: Submit;
  /** Answers what is in flight, flushes, closes, marks the stop as clean. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a broker. Throws {@linkcode StartError}; what was opened is closed again. */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  const broker = new Broker(options);
  try {
    await broker.start();
    return broker;
  } catch (error) {
    await broker.stop();
    const isForPeople = [DataDirectoryError, CoordinatorError, DiskError].some((kind) =>
      error instanceof kind
    );
    throw isForPeople ? new StartError((error as Error).message, { cause: error }) : error;
  }
}

class Broker implements RunningBroker {
  readonly #settings: BrokerSettings;
  readonly #memory: boolean;
  readonly #logger: Logger;
  readonly #clock: Clock = systemClock;
  readonly #startedMs = systemClock.now();
  readonly #doors: Doors;
  readonly #timers: (() => void)[] = [];
  readonly #router: Router;
  readonly #pool: Pool;
  readonly #hosting: Hosting;
  readonly dataDirectory: string;
  /** For the small files of the data directory; partitions are the workers'. */
  readonly #reserve: ReserveKeeper;
  #directory: DataDirectory | null = null;
  #identity: Identity | null = null;
  #checkpoints: Checkpoints | null = null;
  #coordinator: CoordinatorClient | null = null;
  #image: Image = IMAGE_EMPTY;
  readonly #httpDoor: HttpDoor;
  #stopped: Promise<void> | null = null;
  #served = false;

  constructor({ settings, memory, logger }: BrokerOptions) {
    const { values } = settings;
    this.#settings = settings;
    this.#memory = memory;
    this.#logger = logger;
    this.dataDirectory = memory ? "memory" : values["log.dirs"];
    const disk = memory ? new MemoryDisk() : new FileDisk();
    this.#reserve = new ReserveKeeper(disk, this.dataDirectory, values["disk.reserve.bytes"]);
    this.#pool = new Pool({
      workersMax: values["partition.workers.max"],
      worker: workerOptions(values, this.dataDirectory, memory),
      clock: this.#clock,
      logger,
    });
    this.#hosting = new Hosting(this.#pool, {
      settingsOf: (topic, { brokerSettings }) => logSettings(topic.settings, settings, brokerSettings),
      checkpointOf: (topic, partition) => this.#checkpoints!.of(topic, partition),
      forget: (partitions) => this.#checkpoints!.forget(partitions),
    });
    this.#router = this.#makeRouter();
    this.#doors = new Doors(values, this.#clock, logger);
    this.#httpDoor = new HttpDoor(this.#sight());
  }

  get addresses(): RunningBroker["addresses"] {
    return this.#doors.addresses;
  }

  readonly submit: Submit = (command, reply) => this.#router.submit(command, reply);

  async start(): Promise<void> {
    const { values } = this.#settings;
    this.#directory = openDataDirectory(this.dataDirectory, this.#reserve.disk);
    this.#identity = this.#directory.identify({ nodeId: values["node.id"], newId: () => systemRandom.id() });
    const { isClean, notice } = this.#directory.takeCleanMarker();
    if (notice !== null) this.#warn(notice);
    this.#checkpoints = new Checkpoints(this.#directory, isClean, this.#warn);
    this.#doors.openHttp(this.#httpDoor.handle, values["http.listener"]);
    await this.#startCoordinator(isClean);
    this.#listen();
    this.#served = true;
    const checkpointMs = values["log.flush.offset.checkpoint.interval.ms"];
    this.#timers.push(
      this.#reserve.begin(this.#clock, this.#logger),
      this.#clock.every(EXPIRY_MS, () => this.#router.expire(this.#clock.now())),
      this.#clock.every(checkpointMs, () => void this.#writeCheckpoints()),
    );
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  #makeRouter(): Router {
    const { values } = this.#settings;
    return new Router({
      image: () => this.#image,
      place: (topic, partition) => this.#place(topic, partition),
      coordinate: (command, reply) => this.#coordinator!.decide(command, reply),
      describeBroker: () =>
        describeBroker({
          ...this.#sight(),
          identity: this.#identity!,
          disk: this.#reserve.disk,
          image: this.#image,
          upMs: this.#clock.now() - this.#startedMs,
        }),
      ...settingsDescriber(this.#settings, () => this.#image.brokerSettings),
      trimmed: (topic, partition, logStartOffset) => {
        this.#pool.remember(topic, partition, { logStartOffset });
        return this.#checkpoints!.trimmed(topic, partition, logStartOffset);
      },
      nowMs: () => this.#clock.now(),
      autoCreateTopics: values["auto.create.topics.enable"],
      fetchBytesMax: () => Math.min(values["fetch.max.bytes"], this.#doors.answerBytesMax),
    });
  }

  readonly #warn = (words: string) => this.#logger.log("warning", words);

  /** Starts the coordinator, and opens every partition its journal knows. */
  #startCoordinator(clean: boolean): Promise<void> {
    const start: CoordinatorStart = {
      kind: "start",
      dataDirectory: this.dataDirectory,
      disk: this.#memory ? "memory" : "file",
      settings: coordinatorSettings(this.#settings),
      clean,
      recoveryPoint: this.#checkpoints!.journalRecoveryPoint,
      groupLogs: this.#checkpoints!.groupLogs,
    };
    return new Promise((resolve, reject) => {
      this.#coordinator = new CoordinatorClient(
        start,
        {
          replaced: (image) => {
            try {
              if (!this.#served) this.#clearAway(image);
            } catch (error) {
              return reject(error);
            }
            this.#become(image, resolve);
          },
          decided: (events, settled) => {
            // What groups decide, a thousand times a second, leaves the image as it is.
            if (events.length === 0) return settled();
            this.#become(applyEvents(this.#image, events), settled);
          },
        },
        this.#clock,
        this.#logger,
      );
      this.#coordinator.start().catch(reject);
    });
  }

  /** Before the first partition opens: what belongs to no topic must not be taken for one's. */
  #clearAway(image: Image): void {
    clearLeftovers(this.#reserve.disk, this.dataDirectory, image).forEach(this.#warn);
    this.#checkpoints!.keepOnly(image);
  }

  #become(image: Image, settled: () => void): void {
    const before = this.#image;
    this.#image = image;
    this.#hosting.change(before, image, settled);
  }

  #listen(): void {
    const { values } = this.#settings;
    const { kafka, native } = makeProtocols({
      values,
      identity: this.#identity!,
      version: VERSION,
      logDirectory: this.#directory!.path,
      clock: this.#clock,
      logger: this.#logger,
      submit: this.submit,
      image: () => this.#image,
      metadataOffset: () => this.#coordinator?.recoveryPoint ?? this.#checkpoints!.journalRecoveryPoint,
    });
    this.#doors.open("kafka", kafka, values["kafka.listener"]);
    this.#doors.open("native", native, values["native.listener"]);
  }

  #sight(): HttpDoorOptions {
    return {
      settings: this.#settings,
      version: VERSION,
      dataDirectory: this.dataDirectory,
      clock: this.#clock,
      logger: this.#logger,
      doors: this.#doors,
      pool: this.#pool,
      coordinator: () => this.#coordinator!,
      waitingCount: () => this.#router.waitingCount,
      reserveBytes: () => this.#reserve.bytes,
      node: () => this.#identity!,
      submit: this.submit,
      isReady: () => this.#served && this.#stopped === null,
      image: () => this.#image,
      place: (topic, partition) => this.#place(topic, partition),
    };
  }

  #place(topic: string, partition: number) {
    return isCoordinatorTopic(topic)
      ? this.#coordinator!.place(partition)
      : this.#pool.find(topic, partition);
  }

  async #writeCheckpoints(): Promise<void> {
    const logs = await this.#pool.describeAll();
    if (this.#stopped !== null) return;
    attempt("the checkpoint files", this.#warn, () => this.#checkpoints!.write(logs, this.#coordinator!));
  }

  /** Every input sent before the stop is answered before it; then replies drain and the last state is written. */
  async #stop(): Promise<void> {
    for (const callOff of this.#timers) callOff();
    this.#doors.close();
    void this.#httpDoor.close();
    const recoveryPoint = await this.#coordinator?.stop() ?? null;
    const pool = await this.#pool.stop();
    await this.#doors.drain(DRAIN_MS_MAX);
    if (this.#served && pool.clean && recoveryPoint !== null) {
      const { groupLogs } = this.#coordinator!;
      attempt("the files of a clean stop", this.#warn, () => {
        this.#checkpoints!.write(pool.logs, { recoveryPoint, groupLogs });
        this.#directory!.writeCleanMarker(-1);
      });
    }
    this.#directory?.close({ isUntouched: this.#image === IMAGE_EMPTY });
  }
}
