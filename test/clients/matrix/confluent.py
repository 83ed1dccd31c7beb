"""confluent-kafka in the matrix."""

import sys

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from lines import collect, plain, records, serve

BROKER = sys.argv[1]
SECONDS_MAX = 30

admin = AdminClient({"bootstrap.servers": BROKER})


def probe(_):
    version = "%s, librdkafka %s" % (confluent_kafka.version()[0], confluent_kafka.libversion()[0])
    return {"version": version, "codecs": ["none", "gzip", "snappy", "lz4", "zstd"]}


def settled(futures):
    return [future.result(SECONDS_MAX) for future in futures.values()]


def create(request):
    topic = NewTopic(request["topic"], request["partitions"], 1, config=request["settings"])
    settled(admin.create_topics([topic]))


def produce(request):
    producer = Producer({
        "bootstrap.servers": BROKER,
        "acks": request["acks"],
        "compression.type": request["codec"],
        "enable.idempotence": request["idempotent"],
        "message.max.bytes": 4_000_000,
        "linger.ms": 50,
    })
    failures = []

    def delivered(error, _):
        if error is not None:
            failures.append(error)

    for partition, timestamp, key, value, headers in records(request):
        time = {} if timestamp is None else {"timestamp": timestamp}
        producer.produce(
            request["topic"], value, key, partition=partition, headers=headers, on_delivery=delivered, **time
        )
    left = producer.flush(SECONDS_MAX)
    if failures or left:
        raise RuntimeError("%d not sent, %s" % (left, failures))


def fetch(request):
    start = request["start"]
    consumer = Consumer({"bootstrap.servers": BROKER, "group.id": "matrix", "enable.auto.commit": False})
    place = TopicPartition(request["topic"], request["partition"])
    if "timestampMs" in start:
        place.offset = start["timestampMs"]
        place = consumer.offsets_for_times([place], SECONDS_MAX)[0]
    else:
        place.offset = {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}.get(start["at"], start["at"])
    consumer.assign([place])

    def poll():
        message = consumer.poll(0.5)
        if message is None:
            return []
        if message.error():
            raise KafkaException(message.error())
        return [message]

    found = collect(request["count"], poll)
    consumer.close()
    return [plain(m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value(), m.headers()) for m in found]


def describe(request):
    entries = settled(admin.describe_configs([ConfigResource("topic", request["topic"])]))[0]
    return {name: entry.value for name, entry in entries.items()}


def alter(request):
    settled(admin.alter_configs([ConfigResource("topic", request["topic"], set_config=request["settings"])]))


def delete(request):
    settled(admin.delete_topics([request["topic"]], operation_timeout=SECONDS_MAX))


serve({
    "probe": probe,
    "create": create,
    "produce": produce,
    "fetch": fetch,
    "describe": describe,
    "alter": alter,
    "delete": delete,
})
