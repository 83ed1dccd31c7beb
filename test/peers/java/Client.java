// The Java client where Kafka's own tools do not reach: AdminClient, an idempotent producer with many requests under
// way, a consumer of assigned partitions. Arguments: SERVER. Prints the name of each part that held.
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

public class Client {
    static String server;
    static Admin admin;

    public static void main(String[] words) throws Exception {
        server = words[0];
        try (Admin opened = Admin.create(Map.of("bootstrap.servers", server))) {
            admin = opened;
            topics();
            System.out.println("topics");
            settings();
            System.out.println("settings");
            idempotent();
            System.out.println("idempotent");
            reads();
            System.out.println("reads");
            cluster();
            System.out.println("cluster");
        }
    }

    static void same(String what, Object found, Object wanted) {
        if (!Objects.equals(found, wanted)) {
            throw new AssertionError(what + ": " + found + ", wanted " + wanted);
        }
    }

    static void refuses(Class<? extends Exception> kind, KafkaFuture<?> future) throws Exception {
        try {
            future.get();
        } catch (ExecutionException error) {
            same("cause", error.getCause().getClass(), kind);
            return;
        }
        throw new AssertionError(kind.getSimpleName() + " was expected");
    }

    static void topics() throws Exception {
        NewTopic topic = new NewTopic("java-a", 2, (short) 1).configs(Map.of("retention.ms", "1000000"));
        admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true)).all().get();
        same("after validating", admin.listTopics().names().get().contains("java-a"), false);
        CreateTopicsResult created = admin.createTopics(List.of(topic, new NewTopic("java-b", Map.of(0, List.of(1)))));
        created.all().get();
        same("partitions", created.numPartitions("java-a").get(), 2);
        same("replicas", created.replicationFactor("java-a").get(), 1);
        same("retention", created.config("java-a").get().get("retention.ms").value(), "1000000");
        refuses(TopicExistsException.class, admin.createTopics(List.of(topic)).all());
        Uuid id = created.topicId("java-a").get();
        TopicDescription described = admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get().get(id);
        same("name by id", described.name(), "java-a");
        refuses(UnknownTopicIdException.class,
            admin.describeTopics(TopicCollection.ofTopicIds(List.of(Uuid.randomUuid()))).allTopicIds());
        refuses(UnknownTopicOrPartitionException.class, admin.describeTopics(List.of("java-none")).allTopicNames());
        admin.createPartitions(Map.of("java-a", NewPartitions.increaseTo(3))).all().get();
        refuses(InvalidPartitionsException.class, admin.createPartitions(Map.of("java-a", NewPartitions.increaseTo(3))).all());
        same("partitions", admin.describeTopics(List.of("java-a")).allTopicNames().get().get("java-a").partitions().size(), 3);
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
        refuses(UnknownTopicIdException.class, admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        admin.deleteTopics(List.of("java-b")).all().get();
    }

    static void settings() throws Exception {
        admin.createTopics(List.of(new NewTopic("java-c", 1, (short) 1))).all().get();
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "java-c");
        alter(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
        alter(topic, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT);
        alter(topic, "max.message.bytes", "4000", AlterConfigOp.OpType.SET);
        DescribeConfigsOptions options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        Config config = admin.describeConfigs(List.of(topic), options).all().get().get(topic);
        same("policy", config.get("cleanup.policy").value(), "compact");
        same("type", config.get("cleanup.policy").type(), ConfigEntry.ConfigType.LIST);
        ConfigEntry size = config.get("max.message.bytes");
        same("source", size.source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        same("synonyms", size.synonyms().size(), 2);
        same("documentation", size.documentation() != null && size.documentation().length() > 20, true);
        AlterConfigOp wrong = new AlterConfigOp(new ConfigEntry("max.message.bytes", "-7"), AlterConfigOp.OpType.SET);
        refuses(InvalidConfigurationException.class, admin.incrementalAlterConfigs(Map.of(topic, List.of(wrong))).all());
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("max.request.size", "100000"))) {
            Future<RecordMetadata> sent = producer.send(new ProducerRecord<>("java-c", new byte[1], new byte[5000]));
            try {
                sent.get();
                throw new AssertionError("a record larger than max.message.bytes was taken");
            } catch (ExecutionException error) {
                same("cause", error.getCause().getClass(), RecordTooLargeException.class);
            }
        }
        boolean listed = false;
        for (ConfigResource resource : admin.listConfigResources(Set.of(ConfigResource.Type.TOPIC), new ListConfigResourcesOptions()).all().get()) {
            listed = listed || resource.equals(topic);
        }
        same("listed", listed, true);
    }

    static void alter(ConfigResource resource, String key, String value, AlterConfigOp.OpType type) throws Exception {
        AlterConfigOp operation = new AlterConfigOp(new ConfigEntry(key, value), type);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
    }

    static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", server);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static final int RECORDS = 30_000;
    /** Lately enough that a broker still knows who produced. */
    static final long BASE_MS = System.currentTimeMillis() - 3_600_000;

    static void idempotent() throws Exception {
        admin.createTopics(List.of(new NewTopic("java-d", 3, (short) 1))).all().get();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        Map<String, Object> settings = Map.of("batch.size", "2000", "linger.ms", "0", "compression.type", "lz4");
        try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
            for (int number = 0; number < RECORDS; number++) {
                byte[] value = ("value " + number).getBytes();
                sent.add(producer.send(new ProducerRecord<>("java-d", number % 3, BASE_MS + number, null, value)));
            }
        }
        for (int number = 0; number < RECORDS; number++) {
            same("offset of " + number, sent.get(number).get().offset(), (long) (number / 3));
        }
        TopicPartition one = new TopicPartition("java-d", 1);
        List<ProducerState> states = admin.describeProducers(List.of(one)).partitionResult(one).get().activeProducers();
        same("producers", states.size(), 1);
        same("last sequence", states.get(0).lastSequence(), RECORDS / 3 - 1);
    }

    static void reads() throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", server, "isolation.level", "read_committed"));
        List<TopicPartition> all = List.of(new TopicPartition("java-d", 0), new TopicPartition("java-d", 1), new TopicPartition("java-d", 2));
        try (KafkaConsumer<byte[], String> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new StringDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long[] next = new long[3];
            int count = 0;
            while (count < RECORDS) {
                ConsumerRecords<byte[], String> records = consumer.poll(Duration.ofSeconds(10));
                if (records.isEmpty()) {
                    throw new AssertionError("no record within ten seconds, after " + count);
                }
                for (ConsumerRecord<byte[], String> record : records) {
                    long number = record.offset() * 3 + record.partition();
                    same("offset", record.offset(), next[record.partition()]++);
                    same("value", record.value(), "value " + number);
                    same("timestamp", record.timestamp(), BASE_MS + number);
                    count++;
                }
            }
            same("ends", consumer.endOffsets(all), Map.of(all.get(0), 10_000L, all.get(1), 10_000L, all.get(2), 10_000L));
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(all.get(1), BASE_MS + 300)).get(all.get(1));
            same("offset for a time", found.offset(), 100L);
            same("time at it", found.timestamp(), BASE_MS + 301);
            consumer.seek(all.get(2), 9_999);
            consumer.pause(all.subList(0, 2));
            same("lag", consumer.poll(Duration.ofSeconds(10)).iterator().next().value(), "value 29999");
        }
        TopicPartition zero = all.get(0);
        admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(50))).all().get();
        settings.put("auto.offset.reset", "none");
        try (KafkaConsumer<byte[], String> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(zero));
            consumer.seek(zero, 10);
            try {
                consumer.poll(Duration.ofSeconds(10));
                throw new AssertionError("an offset before the log start was read");
            } catch (org.apache.kafka.clients.consumer.OffsetOutOfRangeException error) {
                same("out of range", error.offsetOutOfRangePartitions(), Map.of(zero, 10L));
            }
        }
    }

    static void cluster() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        List<Node> nodes = new ArrayList<>(cluster.nodes().get());
        same("nodes", nodes.size(), 1);
        same("address", nodes.get(0).host() + ":" + nodes.get(0).port(), server);
        same("controller", cluster.controller().get().id(), nodes.get(0).id());
        same("reassignments", admin.listPartitionReassignments().reassignments().get(), Map.of());
        TopicPartition one = new TopicPartition("java-d", 1);
        Optional<Throwable> elected = admin.electLeaders(ElectionType.PREFERRED, Set.of(one)).partitions().get().get(one);
        same("election", elected.get().getClass(), ElectionNotNeededException.class);
        TopicPartitionReplica replica = new TopicPartitionReplica("java-d", 1, nodes.get(0).id());
        same("log directory", admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica).getCurrentReplicaLogDir() != null, true);
        refuses(SecurityDisabledException.class,
            admin.describeAcls(org.apache.kafka.common.acl.AclBindingFilter.ANY).values());
        same("leader of the quorum", admin.describeMetadataQuorum().quorumInfo().get().leaderId(), nodes.get(0).id());
    }
}
