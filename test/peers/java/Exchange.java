// What a data directory is filled with before another broker opens it, and everything a broker then says of it.
// Arguments: SERVER, then words. "fill" writes topics of many kinds; "tell" prints all that can be read, a line each, in an
// order of its own; "tell-committed" what a reader of committed records is given; "write" appends a record to every
// partition of topics that clients may write to.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.*;

public class Exchange {
  static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
  static String server;
  static Admin admin;

  public static void main(String[] words) throws Exception {
    server = words[0];
    try (Admin opened = Admin.create(Map.of("bootstrap.servers", server))) {
      admin = opened;
      for (String word : Arrays.asList(words).subList(1, words.length)) {
        switch (word) {
          case "fill" -> fill();
          case "transactions" -> transactions();
          case "write" -> write();
          case "tell" -> tell("read_uncommitted");
          case "tell-committed" -> tell("read_committed");
          default -> throw new IllegalArgumentException(word);
        }
      }
    }
    System.out.flush();
    // A transaction may be open: nobody waits for its end.
    Runtime.getRuntime().halt(0);
  }

  static KafkaProducer<byte[], byte[]> producer(String... pairs) {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", server));
    for (int index = 0; index < pairs.length; index += 2) settings.put(pairs[index], pairs[index + 1]);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  static ProducerRecord<byte[], byte[]> record(String topic, int partition, String key, String value) {
    return new ProducerRecord<>(topic, partition, bytes(key), bytes(value));
  }

  static void create(String topic, int partitions, Map<String, String> settings) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings))).all().get();
  }

  static void fill() throws Exception {
    create("plain", 1, Map.of("segment.bytes", "1048576", "index.interval.bytes", "1000"));
    create("many", 3, Map.of());
    create("trimmed", 1, Map.of("segment.bytes", "1048576"));
    create("retained", 1, Map.of("segment.bytes", "1048576", "retention.bytes", "1500000"));
    create("stamped", 1, Map.of("message.timestamp.type", "LogAppendTime"));
    create("compacted", 2, compact());
    create("gone", 2, Map.of());
    create("grown", 1, Map.of("max.message.bytes", "2000000"));
    admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(2))).all().get();
    ConfigResource many = new ConfigResource(ConfigResource.Type.TOPIC, "many");
    for (String value : List.of("86400000", "172800000")) set(many, "retention.ms", value);
    set(new ConfigResource(ConfigResource.Type.BROKER, "1"), "log.segment.delete.delay.ms", "30000");
    large();
    small();
    keys();
    commits();
    admin.deleteTopics(List.of("gone")).all().get();
    admin.deleteRecords(Map.of(new TopicPartition("trimmed", 0), RecordsToDelete.beforeOffset(700))).all().get();
  }

  static Map<String, String> compact() {
    return Map.of("cleanup.policy", "compact", "segment.ms", "60", "min.cleanable.dirty.ratio", "0.01",
        "delete.retention.ms", "86400000");
  }

  static void set(ConfigResource resource, String key, String value) throws Exception {
    AlterConfigOp operation = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
  }

  /** Segments enough to roll: in every codec, of random bytes that none makes smaller. */
  static void large() throws Exception {
    Random random = new Random(7);
    for (String codec : CODECS) {
      try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", codec, "batch.size", "8000")) {
        for (int number = 0; number < 300; number++) {
          byte[] value = new byte[1_500];
          random.nextBytes(value);
          for (String topic : List.of("plain", "trimmed", "retained")) {
            producer.send(new ProducerRecord<>(topic, 0, bytes(codec + number), value));
          }
        }
      }
    }
  }

  static void small() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int number = 0; number < 90; number++) {
        ProducerRecord<byte[], byte[]> record =
            record("many", number % 3, number % 4 == 0 ? null : "k" + number, number % 5 == 0 ? null : "v" + number);
        record.headers().add("number", bytes("" + number)).add("none", null).add("number", bytes("again"));
        producer.send(record);
      }
      for (String topic : List.of("stamped", "gone", "grown")) producer.send(record(topic, 0, "key", "of " + topic));
      producer.send(record("grown", 1, null, ""));
      producer.send(record("gone", 1, null, ""));
    }
  }

  /** A compacted topic: many small segments, in all codecs, with tombstones. */
  static void keys() throws Exception {
    Random random = new Random(8);
    for (int round = 0; round < 10; round++) {
      try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", CODECS[round % CODECS.length], "batch.size", "400", "linger.ms", "5")) {
        for (int number = 0; number < 200; number++) {
          String value = random.nextInt(6) == 0 ? null : "value " + round + " " + number;
          producer.send(record("compacted", number % 2, "key " + random.nextInt(25), value));
        }
      }
      Thread.sleep(70);
    }
  }

  static void commits() throws Exception {
    for (String protocol : List.of("classic", "consumer")) {
      Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", server, "group.id", "of-" + protocol,
          "group.protocol", protocol, "auto.offset.reset", "earliest", "enable.auto.commit", "false"));
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
        consumer.subscribe(List.of("many"));
        int count = 0;
        while (count < 90) count += consumer.poll(Duration.ofSeconds(10)).count();
        for (int commit = 1; commit <= 5; commit++) {
          consumer.commitSync(Map.of(new TopicPartition("many", 1), new OffsetAndMetadata(commit, "commit " + commit)));
        }
        consumer.commitSync(Map.of(new TopicPartition("many", 0), new OffsetAndMetadata(7)));
      }
    }
    TopicPartition plain = new TopicPartition("plain", 0);
    for (int group = 0; group < 12; group++) {
      admin.alterConsumerGroupOffsets("group-" + group, Map.of(plain, new OffsetAndMetadata(group, ""))).all().get();
    }
    admin.deleteConsumerGroups(List.of("group-3", "group-4")).all().get();
  }

  static KafkaProducer<byte[], byte[]> transactional(String id) {
    KafkaProducer<byte[], byte[]> producer = producer("transactional.id", id, "batch.size", "300", "transaction.timeout.ms", "300000");
    producer.initTransactions();
    return producer;
  }

  /** What Weir has not: transactions, committed and aborted and one left open, and settings of Kafka's own. */
  @SuppressWarnings("removal")
  static void transactions() throws Exception {
    set(new ConfigResource(ConfigResource.Type.BROKER, "1"), "log.cleaner.io.buffer.load.factor", "0.8");
    create("ledger", 2, Map.of());
    create("balances", 1, compact());
    try (KafkaProducer<byte[], byte[]> producer = transactional("bank")) {
      for (int round = 0; round < 5; round++) {
        producer.beginTransaction();
        for (int number = 0; number < 30; number++) {
          producer.send(record("ledger", number % 2, null, "transfer " + round + " " + number));
          producer.send(record("balances", 0, "account " + number % 7, "balance " + round + " " + number));
        }
        producer.sendOffsetsToTransaction(Map.of(new TopicPartition("plain", 0), new OffsetAndMetadata(100 + round)),
            new ConsumerGroupMetadata("auditors"));
        producer.flush();
        if (round % 3 == 1) producer.abortTransaction();
        else producer.commitTransaction();
        Thread.sleep(70);
      }
    }
    KafkaProducer<byte[], byte[]> open = transactional("slow");
    open.beginTransaction();
    for (int number = 0; number < 10; number++) open.send(record("ledger", 1, null, "open " + number));
    open.flush();
  }

  static void write() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer("acks", "all")) {
      for (TopicPartition partition : partitions()) {
        if (partition.topic().startsWith("__")) continue;
        producer.send(record(partition.topic(), partition.partition(), "written", "later")).get();
      }
    }
  }

  static List<TopicPartition> partitions() throws Exception {
    List<TopicPartition> all = new ArrayList<>();
    for (TopicDescription topic : admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get().values()) {
      topic.partitions().forEach(partition -> all.add(new TopicPartition(topic.name(), partition.partition())));
    }
    all.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    return all;
  }

  static void tell(String isolation) throws Exception {
    List<TopicPartition> all = partitions();
    tellTopics();
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", server, "isolation.level", isolation,
        "max.partition.fetch.bytes", "300000", "fetch.max.wait.ms", "20", "enable.auto.commit", "false", "auto.offset.reset", "none"));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
      Map<TopicPartition, Long> starts = consumer.beginningOffsets(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      for (TopicPartition partition : all) {
        System.out.println("log " + partition + " " + starts.get(partition) + " to " + ends.get(partition));
        read(consumer, partition, starts.get(partition), ends.get(partition));
      }
    }
    tellGroups();
    tellProducers(all);
  }

  static void read(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long start, long end) {
    if (start == end) return;
    consumer.assign(List.of(partition));
    consumer.seek(partition, start);
    long untilMs = System.currentTimeMillis() + 10_000;
    while (consumer.position(partition) < end) {
      if (System.currentTimeMillis() > untilMs) throw new AssertionError(partition + " stands at " + consumer.position(partition) + " of " + end);
      consumer.poll(Duration.ofMillis(100)).forEach(Exchange::print);
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static String text(byte[] bytes) {
    if (bytes == null) return "null";
    if (bytes.length > 200) return bytes.length + "#" + Arrays.hashCode(bytes);
    return "'" + HexFormat.of().formatHex(bytes) + "'";
  }

  static void print(ConsumerRecord<byte[], byte[]> record) {
    StringBuilder headers = new StringBuilder();
    for (Header header : record.headers()) headers.append(" ").append(header.key()).append("=").append(text(header.value()));
    System.out.println("record " + record.topic() + "-" + record.partition() + " " + record.offset() + " "
        + record.timestampType() + " " + record.timestamp() + " epoch " + record.leaderEpoch().orElse(-1) + " "
        + text(record.key()) + " " + text(record.value()) + headers);
  }

  static void tellTopics() throws Exception {
    TreeMap<String, TopicDescription> topics = new TreeMap<>(admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get());
    for (TopicDescription topic : topics.values()) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      String own = config.entries().stream().filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
          .map(entry -> entry.name() + "=" + entry.value()).sorted().collect(Collectors.joining(" "));
      System.out.println("topic " + topic.name() + " " + topic.topicId() + " " + topic.partitions().size() + " " + own);
    }
  }

  static void tellGroups() throws Exception {
    Map<String, ListConsumerGroupOffsetsSpec> wanted = new TreeMap<>();
    for (GroupListing group : admin.listGroups().all().get()) wanted.put(group.groupId(), new ListConsumerGroupOffsetsSpec());
    ListConsumerGroupOffsetsResult listed = admin.listConsumerGroupOffsets(wanted);
    for (String group : wanted.keySet()) {
      TreeMap<String, String> offsets = new TreeMap<>();
      listed.partitionsToOffsetAndMetadata(group).get().forEach((partition, offset) ->
          offsets.put(partition.toString(), offset.offset() + " '" + offset.metadata() + "' epoch " + offset.leaderEpoch().orElse(-1)));
      System.out.println("group " + group + " " + offsets);
    }
  }

  static void tellProducers(List<TopicPartition> all) throws Exception {
    List<TopicPartition> ours = all.stream().filter(partition -> !partition.topic().startsWith("__")).toList();
    for (TopicPartition partition : ours) {
      List<ProducerState> states = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
      states.stream().sorted(Comparator.comparing(ProducerState::producerId)).forEach(state -> System.out.println(
          "producer " + partition + " " + state.producerId() + " " + state.producerEpoch() + " " + state.lastSequence()
              + " " + state.lastTimestamp()));
    }
  }
}
