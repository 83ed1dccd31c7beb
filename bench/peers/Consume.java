// Reads a topic from its beginning without a group and prints what kafka-consumer-perf-test prints: for brokers
// that have no consumer groups. Arguments: SERVER TOPIC RECORDS.
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Consume {
    public static void main(String[] words) {
        String topic = words[1];
        long wanted = Long.parseLong(words[2]);
        Properties settings = new Properties();
        settings.put("bootstrap.servers", words[0]);
        settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        // As kafka-consumer-perf-test sets them.
        settings.put("receive.buffer.bytes", "2097152");
        settings.put("max.partition.fetch.bytes", "1048576");
        settings.put("check.crcs", "false");
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition())).collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long records = 0;
            long bytes = 0;
            long start = System.currentTimeMillis();
            long last = start;
            while (records < wanted && System.currentTimeMillis() - last < 30_000) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    records++;
                    bytes += (record.key() == null ? 0 : record.key().length) + record.value().length;
                    last = System.currentTimeMillis();
                }
            }
            double seconds = (System.currentTimeMillis() - start) / 1000.0;
            double megabytes = bytes / 1024.0 / 1024.0;
            System.out.println("start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
                + "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec");
            System.out.printf("%d, %d, %.4f, %.4f, %d, %.4f, 0, %d, %.4f, %.4f%n", start, last, megabytes,
                megabytes / seconds, records, records / seconds, (long) (seconds * 1000), megabytes / seconds,
                records / seconds);
        }
    }
}
