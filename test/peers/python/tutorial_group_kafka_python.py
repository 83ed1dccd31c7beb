"""The consumer of kafka-python's tutorials, in a group, as people write it. argv: SERVER TOPIC COUNT."""
import json
import sys

from kafka import KafkaConsumer

server, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])

consumer = KafkaConsumer(
    topic,
    bootstrap_servers=[server],
    group_id="order-processor",
    auto_offset_reset="earliest",
    value_deserializer=lambda value: json.loads(value.decode("utf-8")),
)
for message in consumer:
    print(f"{message.topic}:{message.partition}:{message.offset}: value={json.dumps(message.value)}")
    count -= 1
    if count == 0:
        break
consumer.close()
