"""Two members by the new protocol in processes of their own; one is killed, the other carries on from its commits.

argv: SERVER TOPIC, and ROLE for the one that is killed. Prints what the survivor found out.
"""
import json
import subprocess
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

SERVER, TOPIC = sys.argv[1:3]
PARTITIONS, SECONDS_MAX = 4, 60


class Member:
    """Commits each record it read; `owned` and `read` say what it has and had."""

    def __init__(self):
        self.owned, self.read = set(), {}
        self.consumer = Consumer({
            "bootstrap.servers": SERVER,
            "group.id": TOPIC,
            "group.protocol": "consumer",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        })
        self.consumer.subscribe([TOPIC], on_assign=self.assigned, on_revoke=self.revoked)

    def assigned(self, consumer, places):
        self.owned |= {place.partition for place in places}

    def revoked(self, consumer, places):
        self.owned -= {place.partition for place in places}

    def poll(self):
        message = self.consumer.poll(0.1)
        if message is None or message.error() is not None:
            return
        self.read.setdefault(message.partition(), []).append(message.offset())
        self.consumer.commit(message=message, asynchronous=False)


def fill(count):
    producer = Producer({"bootstrap.servers": SERVER})
    for number in range(count):
        producer.produce(TOPIC, b"v", partition=number % PARTITIONS)
    assert producer.flush(10) == 0


def until(member, what, is_so):
    end = time.time() + SECONDS_MAX
    while not is_so():
        assert time.time() < end, f"{what}: never"
        member.poll()


def be_killed():
    member = Member()
    until(member, "killed", lambda: print(json.dumps([sorted(member.owned), member.read]), flush=True))


def survive():
    admin = AdminClient({"bootstrap.servers": SERVER})
    admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(10)
    member = Member()
    until(member, "it owns all", lambda: len(member.owned) == PARTITIONS)
    words = [sys.executable, __file__, SERVER, TOPIC, "killed"]
    other = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    heard = []

    def hear():
        heard[:] = json.loads(other.stdout.readline())
        return heard

    until(member, "they share", lambda: len(hear()[0]) == 2)
    fill(400)
    until(member, "the other has read", lambda: len(sum(hear()[1].values(), [])) >= 20)
    mine = set(member.owned)
    other.kill()
    for line in other.stdout:
        if line.endswith("\n"):
            heard[:] = json.loads(line)
    moved, read = heard
    assert mine | set(moved) == set(range(PARTITIONS)), (mine, moved)
    fill(400)
    until(member, "it owns all again", lambda: len(member.owned) == PARTITIONS)
    until(member, "it has read to the end", lambda: all(member.read.get(place, [0])[-1] == 199 for place in moved))
    for partition in moved:
        last = read.get(str(partition), [-1])[-1]
        first = member.read[partition][0]
        assert last - 1 <= first <= last + 2, f"{partition} went on at {first}, {last} was read"
    until(member, "everything is read", lambda: all(member.read.get(place, [0])[-1] == 199 for place in mine))
    committed = member.consumer.committed([TopicPartition(TOPIC, partition) for partition in range(PARTITIONS)], timeout=10)
    assert [place.offset for place in committed] == [200] * PARTITIONS, committed
    member.consumer.close()
    print(f"{len(moved)} partitions moved, nothing lost")


survive() if len(sys.argv) == 3 else be_killed()
