"""confluent-kafka's tutorial with assign(), as it is written without a group. argv: SERVER TOPIC."""
import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

server, topic = sys.argv[1:3]


def delivery_report(error, message):
    """Called once for each message produced, from poll() or flush()."""
    if error is not None:
        sys.exit(f"Message delivery failed: {error}")


producer = Producer({"bootstrap.servers": server})
for number in range(10):
    producer.poll(0)
    value = json.dumps({"order": number, "amount": number * 1.5})
    producer.produce(topic, key=f"user_{number % 3}", value=value.encode("utf-8"), callback=delivery_report)
assert producer.flush(10) == 0

# librdkafka asks for a group id even where no group is joined.
consumer = Consumer({
    "bootstrap.servers": server,
    "group.id": "unused",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
})
partitions = list(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
left = len(partitions)
while left > 0:
    message = consumer.poll(10)
    if message is None:
        sys.exit("No message within ten seconds")
    if message.error():
        left -= 1
        continue
    place = f"{message.topic()}:{message.partition()}:{message.offset()}"
    print(f"{place}: key={message.key().decode()} value={message.value().decode('utf-8')}")
consumer.close()
