// Apache Kafka's own loader on partitions' directories as a crash left them: each is recovered, flushed and closed.
// Called by compaction.ts, which compares what is left.
import java.io.File;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.*;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class OpenLog {
  public static void main(String[] directories) throws Exception {
    Properties properties = new Properties();
    properties.put("cleanup.policy", "compact");
    KafkaScheduler scheduler = new KafkaScheduler(1);
    scheduler.startup();
    for (String directory : directories) {
      UnifiedLog log = UnifiedLog.create(new File(directory), new LogConfig(properties), 0, 0, scheduler,
          new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(86_400_000, false), 600_000,
          new LogDirFailureChannel(1), false, Optional.empty());
      log.flush(true);
      log.close();
    }
    System.out.println("opened " + directories.length);
    System.exit(0);
  }
}
