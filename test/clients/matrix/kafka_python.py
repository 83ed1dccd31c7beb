"""kafka-python in the matrix."""

import sys

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition, codec
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

from lines import collect, plain, records, serve

BROKER = sys.argv[1]


def probe(_):
    has = {"gzip": codec.has_gzip, "snappy": codec.has_snappy, "lz4": codec.has_lz4, "zstd": codec.has_zstd}
    return {"version": kafka.__version__, "codecs": ["none"] + [name for name, found in has.items() if found()]}


def with_admin(use):
    admin = KafkaAdminClient(bootstrap_servers=BROKER)
    try:
        return use(admin)
    finally:
        admin.close()


def create(request):
    topic = NewTopic(request["topic"], request["partitions"], 1, topic_configs=request["settings"])
    with_admin(lambda admin: admin.create_topics([topic]))


def produce(request):
    producer = KafkaProducer(
        bootstrap_servers=BROKER,
        acks="all" if request["acks"] == -1 else request["acks"],
        compression_type=None if request["codec"] == "none" else request["codec"],
        max_request_size=4_000_000,
        linger_ms=50,
    )
    futures = [
        producer.send(request["topic"], value, key, headers, partition, timestamp)
        for partition, timestamp, key, value, headers in records(request)
    ]
    producer.flush(30)
    for future in futures:
        future.get(30)
    producer.close()


def fetch(request):
    place, start = TopicPartition(request["topic"], request["partition"]), request["start"]
    consumer = KafkaConsumer(bootstrap_servers=BROKER, enable_auto_commit=False, max_partition_fetch_bytes=4_194_304)
    consumer.assign([place])
    if "timestampMs" in start:
        consumer.seek(place, consumer.offsets_for_times({place: start["timestampMs"]})[place].offset)
    elif start["at"] == "earliest":
        consumer.seek_to_beginning(place)
    elif start["at"] == "latest":
        consumer.seek_to_end(place)
    else:
        consumer.seek(place, start["at"])
    found = collect(request["count"], lambda: consumer.poll(500).get(place, []))
    consumer.close()
    return [plain(r.partition, r.offset, r.timestamp, r.key, r.value, r.headers) for r in found]


def describe(request):
    resource = ConfigResource(ConfigResourceType.TOPIC, request["topic"])
    answers = with_admin(lambda admin: admin.describe_configs([resource]))
    found = [entry for answer in answers for resource in answer.resources for entry in resource[4]]
    return {entry[0]: entry[1] for entry in found}


def alter(request):
    resource = ConfigResource(ConfigResourceType.TOPIC, request["topic"], configs=request["settings"])
    with_admin(lambda admin: admin.alter_configs([resource]))


def delete(request):
    with_admin(lambda admin: admin.delete_topics([request["topic"]]))


serve({
    "probe": probe,
    "create": create,
    "produce": produce,
    "fetch": fetch,
    "describe": describe,
    "alter": alter,
    "delete": delete,
})
