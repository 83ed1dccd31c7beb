/** What the Python clients do while their requests are captured: programs whose argument is the broker. */
/** kafka-python. */
export const KAFKA_PYTHON = `
import sys
from kafka import KafkaProducer, KafkaConsumer, KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic, NewPartitions, ConfigResource
a = dict(bootstrap_servers=sys.argv[1], client_id="golden")
admin = KafkaAdminClient(**a)
admin.create_topics([NewTopic("golden", 2, 1)])
admin.describe_configs([ConfigResource("TOPIC", "golden")])
admin.alter_configs([ConfigResource("TOPIC", "golden", {"retention.ms": "100000"})])
admin.create_partitions({"golden": NewPartitions(3)})
p = KafkaProducer(**a); p.send("golden", b"v", key=b"k", partition=0).get(10); p.close()
c = KafkaConsumer(auto_offset_reset="earliest", consumer_timeout_ms=1000, enable_auto_commit=False, **a)
c.assign([TopicPartition("golden", 0)]); list(c); c.close()
g = KafkaConsumer("golden", group_id="golden", auto_offset_reset="earliest", consumer_timeout_ms=4000, **a)
list(g); g.commit(); g.close()
admin.list_consumer_groups(); admin.describe_consumer_groups(["golden"]); admin.list_consumer_group_offsets("golden")
admin.delete_consumer_groups(["golden"])
admin.delete_topics(["golden"]); admin.close()
`;

/** confluent-kafka. */
export const CONFLUENT = `
import sys
from confluent_kafka import Producer, Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, NewPartitions, ConfigResource
a = {"bootstrap.servers": sys.argv[1], "client.id": "golden"}
def done(futures): [f.result(10) for f in futures.values()]
admin = AdminClient(a)
done(admin.create_topics([NewTopic("golden", 2, 1)]))
done(admin.describe_configs([ConfigResource("topic", "golden")]))
done(admin.alter_configs([ConfigResource("topic", "golden", set_config={"retention.ms": "100000"})]))
done(admin.create_partitions([NewPartitions("golden", 3)]))
for idempotent in (False, True):
    p = Producer({**a, "enable.idempotence": idempotent}); p.produce("golden", b"v", b"k", 0); p.flush(10)
c = Consumer({**a, "group.id": "none", "enable.auto.commit": False})
c.assign([TopicPartition("golden", 0, 0)]); c.poll(3); c.get_watermark_offsets(TopicPartition("golden", 0)); c.close()
g = Consumer({**a, "group.id": "golden", "auto.offset.reset": "earliest"})
g.subscribe(["golden"]); g.poll(5); g.commit(asynchronous=False); g.poll(4); g.close()
admin.list_groups()
done(admin.delete_topics(["golden"]))
`;
