"""Several members of one group in one process: cooperative, static, by the new protocol, and what admins see.

argv: SERVER. Prints the name of each part once it went well.
"""
import sys
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaAdminClient, KafkaConsumer
from kafka import TopicPartition as Place

SERVER = sys.argv[1]
PARTITIONS = 4
SECONDS_MAX = 40
admin = AdminClient({"bootstrap.servers": SERVER})


def create(topic):
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(10)


def fill(topic, count):
    producer = Producer({"bootstrap.servers": SERVER})
    for number in range(count):
        producer.produce(topic, str(number).encode(), partition=number % PARTITIONS)
    assert producer.flush(10) == 0


class Member(threading.Thread):
    """A confluent-kafka consumer that polls until it is told to stop; knows what it owns and what moved."""

    def __init__(self, topic, **settings):
        super().__init__(daemon=True)
        self.owned, self.revoked, self.read, self.is_over = set(), 0, set(), False
        self.consumer = Consumer({
            "bootstrap.servers": SERVER,
            "group.id": topic,
            "auto.offset.reset": "earliest",
            **settings,
        })
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.taken)
        self.start()

    def assigned(self, consumer, places):
        self.owned |= {place.partition for place in places}

    def taken(self, consumer, places):
        self.revoked += len(places)
        self.owned -= {place.partition for place in places}

    def run(self):
        while not self.is_over:
            message = self.consumer.poll(0.1)
            if message is not None and message.error() is None:
                self.read.add((message.partition(), message.offset()))
        self.consumer.close()

    def end(self):
        self.is_over = True
        self.join()


def until(what, is_so):
    end = time.time() + SECONDS_MAX
    while not is_so():
        assert time.time() < end, f"{what}: never"
        time.sleep(0.02)


def share(topic, revoked_most, **settings):
    """Two members come to own two partitions each; the first gives up no more than it must."""
    create(topic)
    fill(topic, 40)
    first = Member(topic, **settings, **({"group.instance.id": "one"} if "static" in topic else {}))
    until("the first owns all", lambda: len(first.owned) == PARTITIONS and len(first.read) == 40)
    second = Member(topic, **settings, **({"group.instance.id": "two"} if "static" in topic else {}))
    until("they share", lambda: len(first.owned) == 2 and len(second.owned) == 2)
    assert first.owned | second.owned == set(range(PARTITIONS)), (first.owned, second.owned)
    assert first.revoked <= revoked_most, first.revoked
    fill(topic, 40)
    until("both read", lambda: len(first.read | second.read) == 80)
    described = admin.describe_consumer_groups([topic])[topic].result(10)
    assert described.state.name == "STABLE" and len(described.members) == 2, described
    second.end()
    if "static" not in topic:
        until("the first owns all again", lambda: len(first.owned) == PARTITIONS)
    first.end()


def cooperative():
    share("py-cooperative", 2, **{
        "partition.assignment.strategy": "cooperative-sticky", "heartbeat.interval.ms": 300, "session.timeout.ms": 6000,
    })


def static():
    share("py-static", PARTITIONS, **{"heartbeat.interval.ms": 300, "session.timeout.ms": 6000})


def new_protocol():
    share("py-new", 2, **{"group.protocol": "consumer"})


def regular_expression():
    create("py-pattern-a")
    fill("py-pattern-a", 8)
    member = Member("^py-pattern-.*", **{"group.protocol": "consumer", "group.id": "py-pattern"})
    until("it reads what is there", lambda: len(member.read) == 8)
    member.end()


def administration():
    topic = "py-administration"
    create(topic)
    fill(topic, 40)
    consumer = KafkaConsumer(bootstrap_servers=SERVER, group_id=topic, auto_offset_reset="earliest", consumer_timeout_ms=4000)
    consumer.subscribe([topic])
    assert len(list(consumer)) == 40
    consumer.commit()
    assert consumer.committed(Place(topic, 0)) == 10
    consumer.close()
    assert topic in [group.group_id for group in admin.list_consumer_groups().result(10).valid]
    request = [ConsumerGroupTopicPartitions(topic)]
    found = admin.list_consumer_group_offsets(request)[topic].result(10)
    assert {place.partition: place.offset for place in found.topic_partitions} == {index: 10 for index in range(PARTITIONS)}
    wanted = ConsumerGroupTopicPartitions(topic, [TopicPartition(topic, 1, 3)])
    admin.alter_consumer_group_offsets([wanted])[topic].result(10)
    python_admin = KafkaAdminClient(bootstrap_servers=SERVER)
    offsets = python_admin.list_group_offsets(topic)[topic]
    assert {place.partition: offset.offset for place, offset in offsets.items()} == {0: 10, 1: 3, 2: 10, 3: 10}, offsets
    admin.delete_consumer_groups([topic])[topic].result(10)
    assert topic not in [group.group_id for group in admin.list_consumer_groups().result(10).valid]
    python_admin.close()


for part in (cooperative, static, new_protocol, regular_expression, administration):
    part()
    print(part.__name__)
