// Apache Kafka's own cleaner over logs as they lie in directories: for each directory named, the log is recovered
// and cleaned twice, both times from its start, at two times. Called by compaction.ts, which compares what is left.
import java.io.File;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.*;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class CleanLog {
  /** The time is what the test says: producers must not expire, tombstones must when they are due. */
  static class SetTime implements Time {
    long nowMs;

    @Override public long milliseconds() { return nowMs; }
    @Override public long nanoseconds() { return nowMs * 1_000_000; }
    @Override public void sleep(long ms) { nowMs += ms; }
    @Override public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
      throw new UnsupportedOperationException();
    }
  }

  static void clean(File directory, long[] timesMs, Properties properties) throws Exception {
    SetTime time = new SetTime();
    time.nowMs = timesMs[0];
    KafkaScheduler scheduler = new KafkaScheduler(1);
    scheduler.startup();
    UnifiedLog log = UnifiedLog.create(directory, new LogConfig(properties), 0, 0, scheduler,
        new BrokerTopicStats(), time, 900_000, new ProducerStateManagerConfig(86_400_000, false), 600_000,
        new LogDirFailureChannel(1), false, Optional.empty());
    log.updateHighWatermark(log.logEndOffset());
    Throttler throttler = new Throttler(Double.MAX_VALUE, Long.MAX_VALUE, "cleaner", "entries", time);
    for (long nowMs : timesMs) {
      time.nowMs = nowMs;
      Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(1_048_576), 1_048_576, 1_048_576, 0.9, throttler, time, partition -> {});
      cleaner.doClean(new LogToClean(log, 0, log.activeSegment().baseOffset(), false), nowMs);
    }
    log.flush(true);
    log.close();
    scheduler.shutdown();
  }

  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    properties.put("cleanup.policy", "compact");
    properties.put("internal.segment.bytes", arguments[2]);
    properties.put("delete.retention.ms", arguments[3]);
    long[] timesMs = {Long.parseLong(arguments[0]), Long.parseLong(arguments[1])};
    for (int index = 4; index < arguments.length; index++) clean(new File(arguments[index]), timesMs, properties);
    System.out.println("cleaned " + (arguments.length - 4));
    System.exit(0);
  }
}
