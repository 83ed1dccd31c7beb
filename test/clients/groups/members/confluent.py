"""A member of a group on confluent-kafka: says what it is assigned, reads and commits; SIGTERM makes it leave."""

import sys

from confluent_kafka import Consumer, KafkaError, KafkaException

from member import ORDERS, is_leaving, say


def assigned(consumer, places):
    say(assigned=sorted(place.partition for place in places))


consumer = Consumer({
    "bootstrap.servers": ORDERS["broker"],
    "client.id": "member",
    "group.id": ORDERS["group"],
    "session.timeout.ms": ORDERS["sessionMs"],
    "heartbeat.interval.ms": ORDERS["heartbeatMs"],
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
})
consumer.subscribe([ORDERS["topic"]], on_assign=assigned)
while not is_leaving():
    message = consumer.poll(0.1)
    if message is None:
        continue
    if message.error():
        print(message.error(), file=sys.stderr)
        continue
    say(partition=message.partition(), offset=message.offset(), value=message.value().decode())
    try:
        consumer.commit(message=message, asynchronous=False)
        say(committed=message.offset() + 1, partition=message.partition())
    except KafkaException as error:
        # The group rebalances: whoever owns the partition next reads the record again.
        if error.args[0].code() not in (KafkaError.ILLEGAL_GENERATION, KafkaError.REBALANCE_IN_PROGRESS):
            raise
consumer.close()
