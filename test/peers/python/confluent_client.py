"""Every byte through confluent-kafka (librdkafka): codecs, acks, idempotence, headers, times, administration. argv: SERVER."""
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

server = sys.argv[1]
admin = AdminClient({"bootstrap.servers": server})


def same(found, wanted, what):
    assert found == wanted, f"{what}: {found!r}, wanted {wanted!r}"


def create(topic, partitions=1, **config):
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(10)


def send(topic, messages, **settings):
    """Produces (key, value, headers) or (key, value, headers, time); fails where one is not delivered."""
    failed = []
    producer = Producer({"bootstrap.servers": server, "linger.ms": 20, **settings})
    for key, value, headers, *time in messages:
        extra = {"timestamp": time[0]} if time else {}
        producer.produce(
            topic, value, key, partition=0, headers=headers, on_delivery=lambda e, m: e and failed.append(e), **extra
        )
        producer.poll(0)
    same((producer.flush(20), failed), (0, []), "left and failed")


def consumer():
    return Consumer({
        "bootstrap.servers": server,
        "group.id": "unused",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    })


def rows(topic, offset=OFFSET_BEGINNING):
    reader = consumer()
    reader.assign([TopicPartition(topic, 0, offset)])
    found = []
    while True:
        message = reader.poll(10)
        assert message is not None, "no message within ten seconds"
        if message.error():
            break
        found.append((message.offset(), message.key(), message.value(), message.headers()))
    reader.close()
    return found


def codecs():
    create("conf-codecs")
    wanted = []
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        for acks in ["0", "1", "all"]:
            headers = [("codec", codec.encode()), ("none", None), ("codec", b"twice")]
            values = [f"{codec}-{acks}".encode() * 50, b"", None, bytes(range(256))]
            messages = [(None if value == b"" else b"k\x00", value, headers) for value in values]
            send("conf-codecs", messages, **{
                "compression.type": codec, "acks": acks, "enable.idempotence": acks == "all"
            })
            wanted.extend([(len(wanted) + index, *message) for index, message in enumerate(messages)])
    same(rows("conf-codecs"), wanted, "records")


def large():
    create("conf-large")
    value = bytes(range(256)) * 4000
    send("conf-large", [(b"k", value, None)], **{"message.max.bytes": 2_000_000})
    same([row[2] == value for row in rows("conf-large")], [True], "value")


def many():
    create("conf-many")
    messages = [(b"%d" % number, b"value %d" % number, None) for number in range(20_000)]
    send("conf-many", messages, **{"enable.idempotence": True, "compression.type": "lz4"})
    found = rows("conf-many")
    same([row[0] for row in found], list(range(20_000)), "offsets")
    same([row[1] for row in found], [key for key, _, _ in messages], "keys")
    same(len(rows("conf-many", 19_990)), 10, "from an offset")


def times():
    create("conf-times")
    send("conf-times", [(None, b"%d" % n, None, 1_700_000_000_000 + n * 1000) for n in range(10)])
    reader = consumer()
    same(reader.get_watermark_offsets(TopicPartition("conf-times", 0), timeout=10), (0, 10), "watermarks")
    found = reader.offsets_for_times([TopicPartition("conf-times", 0, 1_700_000_004_500)], timeout=10)
    same(found[0].offset, 5, "offset for a time")
    reader.close()
    at = TopicPartition("conf-times", 0)
    for spec, offset in [(OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 10), (OffsetSpec.max_timestamp(), 9)]:
        same(admin.list_offsets({at: spec})[at].result(10).offset, offset, "listed offset")


def administration():
    create("conf-admin", 2, **{"retention.ms": "1000000"})
    try:
        create("conf-admin")
        raise AssertionError("a second topic of the same name was made")
    except KafkaException as error:
        same(error.args[0].name(), "TOPIC_ALREADY_EXISTS", "error")
    described = admin.describe_topics(TopicCollection(["conf-admin"]))["conf-admin"].result(10)
    same((described.name, len(described.partitions), described.is_internal), ("conf-admin", 2, False), "description")
    resource = ConfigResource(ResourceType.TOPIC, "conf-admin")

    def config(key):
        return admin.describe_configs([resource])[resource].result(10)[key].value

    same(config("retention.ms"), "1000000", "retention.ms")
    for operation, key, value in [
        (AlterConfigOpType.SET, "max.message.bytes", "5000"),
        (AlterConfigOpType.DELETE, "retention.ms", None),
        (AlterConfigOpType.APPEND, "cleanup.policy", "compact"),
    ]:
        entry = ConfigEntry(key, value, incremental_operation=operation)
        change = ConfigResource(ResourceType.TOPIC, "conf-admin", incremental_configs=[entry])
        admin.incremental_alter_configs([change])[change].result(10)
    same(
        (config("max.message.bytes"), config("retention.ms"), config("cleanup.policy")),
        ("5000", "604800000", "delete,compact"),
        "settings",
    )
    admin.create_partitions([NewPartitions("conf-admin", 4)])["conf-admin"].result(10)
    same(len(admin.list_topics("conf-admin", timeout=10).topics["conf-admin"].partitions), 4, "partitions")
    send("conf-admin", [(b"%d" % number, b"value", None) for number in range(6)])
    at = TopicPartition("conf-admin", 0, 4)
    same(admin.delete_records([at])[at].result(10).low_watermark, 4, "low watermark")
    same([row[0] for row in rows("conf-admin", 4)], [4, 5], "records left")
    cluster = admin.describe_cluster().result(10)
    same(([f"{node.host}:{node.port}" for node in cluster.nodes], cluster.controller.id), ([server], cluster.nodes[0].id), "cluster")
    admin.delete_topics(["conf-admin"])["conf-admin"].result(10)
    assert "conf-admin" not in admin.list_topics(timeout=10).topics


for part in [codecs, large, many, times, administration]:
    part()
    print(part.__name__)
