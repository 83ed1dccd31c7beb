"""Every byte through kafka-python: codecs, acks, idempotence, headers, nulls, times, administration. argv: SERVER."""
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError

server = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=server)


def same(found, wanted, what):
    assert found == wanted, f"{what}: {found!r}, wanted {wanted!r}"


def refuses(error, call):
    try:
        call()
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


def rows(topic, partition=0, offset=0, count=None):
    """Records of a partition as (offset, key, value, headers)."""
    consumer = KafkaConsumer(bootstrap_servers=server, enable_auto_commit=False, consumer_timeout_ms=3000)
    at = TopicPartition(topic, partition)
    consumer.assign([at])
    consumer.seek(at, offset)
    end = consumer.end_offsets([at])[at] if count is None else offset + count
    found = []
    while consumer.position(at) < end:
        for records in consumer.poll(timeout_ms=3000).values():
            found.extend((r.offset, r.key, r.value, [tuple(header) for header in r.headers]) for r in records)
    consumer.close()
    return found


def codecs():
    admin.create_topics([NewTopic("py-codecs", 1, 1)])
    wanted = []
    for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
        for acks in [0, 1, "all"]:
            idempotent = acks == "all"
            producer = KafkaProducer(
                bootstrap_servers=server, compression_type=codec, acks=acks, enable_idempotence=idempotent, linger_ms=20
            )
            for value in [f"{codec}-{acks}".encode() * 50, b"", None, bytes(range(256))]:
                headers = [("codec", str(codec).encode()), ("empty", b""), ("codec", b"twice")]
                key = None if value == b"" else b"k\x00"
                producer.send("py-codecs", key=key, value=value, headers=headers)
                wanted.append((len(wanted), key, value, headers))
            producer.flush()
            producer.close()
    same(rows("py-codecs"), wanted, "records")


def large():
    admin.create_topics([NewTopic("py-large", 1, 1)])
    producer = KafkaProducer(bootstrap_servers=server, max_request_size=2_000_000)
    value = bytes(range(256)) * 4000
    metadata = producer.send("py-large", value=value, timestamp_ms=1_700_000_000_000).get(timeout=10)
    same((metadata.offset, metadata.timestamp), (0, 1_700_000_000_000), "metadata")
    producer.close()
    found = rows("py-large")
    same([row[2] == value for row in found], [True], "value")


def times():
    admin.create_topics([NewTopic("py-times", 2, 1)])
    producer = KafkaProducer(bootstrap_servers=server)
    for number in range(10):
        producer.send("py-times", value=b"%d" % number, partition=1, timestamp_ms=1_700_000_000_000 + number * 1000)
    producer.flush()
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=server, enable_auto_commit=False)
    one, none = TopicPartition("py-times", 1), TopicPartition("py-times", 0)
    same(consumer.beginning_offsets([one, none]), {one: 0, none: 0}, "beginning")
    same(consumer.end_offsets([one, none]), {one: 10, none: 0}, "end")
    found = consumer.offsets_for_times({one: 1_700_000_004_500, none: 1})
    same((found[one].offset, found[one].timestamp, found[none]), (5, 1_700_000_005_000, None), "offsets for times")
    same(consumer.partitions_for_topic("py-times"), {0, 1}, "partitions")
    consumer.close()
    same([row[0] for row in rows("py-times", 1, 7)], [7, 8, 9], "from an offset")


def administration():
    admin.create_topics([NewTopic("py-admin", 2, 1, topic_configs={"retention.ms": "1000000"})])
    refuses(TopicAlreadyExistsError, lambda: admin.create_topics([NewTopic("py-admin", 1, 1)]))
    assert "py-admin" in admin.list_topics()
    (described,) = admin.describe_topics(["py-admin"])
    same((described["name"], len(described["partitions"])), ("py-admin", 2), "description")

    def config(key):
        resource = ConfigResource(ConfigResourceType.TOPIC, "py-admin")
        return admin.describe_configs([resource], config_filter="all")["topic"]["py-admin"][key]["value"]

    same(config("retention.ms"), "1000000", "retention.ms")
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "py-admin", configs={"retention.ms": "2000000"})])
    same(config("retention.ms"), "2000000", "retention.ms")
    admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, "py-admin", configs={"max.message.bytes": "5000"})], incremental=False
    )
    same((config("retention.ms"), config("max.message.bytes")), ("2000000", "5000"), "both ways to alter")
    admin.create_partitions({"py-admin": 4})
    same(len(admin.describe_topics(["py-admin"])[0]["partitions"]), 4, "partitions")
    producer = KafkaProducer(bootstrap_servers=server)
    for number in range(6):
        producer.send("py-admin", value=b"%d" % number, partition=2)
    producer.flush()
    producer.close()
    two = TopicPartition("py-admin", 2)
    same(admin.delete_records({two: 4})[two]["low_watermark"], 4, "low watermark")
    same([row[0] for row in rows("py-admin", 2, 4)], [4, 5], "records left")
    cluster = admin.describe_cluster()
    same((len(cluster["brokers"]), cluster["controller_id"]), (1, cluster["brokers"][0]["broker_id"]), "cluster")
    admin.delete_topics(["py-admin"])
    refuses(UnknownTopicOrPartitionError, lambda: admin.delete_topics(["py-admin"]))
    assert "py-admin" not in admin.list_topics()


for part in [codecs, large, times, administration]:
    part()
    print(part.__name__)
admin.close()
