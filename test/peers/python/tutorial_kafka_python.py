"""The producer and consumer of kafka-python's tutorials, as people write them. argv: SERVER TOPIC."""
import json
import sys

from kafka import KafkaConsumer, KafkaProducer

server, topic = sys.argv[1:3]

producer = KafkaProducer(
    bootstrap_servers=server,
    key_serializer=lambda key: key.encode("utf-8"),
    value_serializer=lambda value: json.dumps(value).encode("utf-8"),
)
for number in range(10):
    future = producer.send(topic, key=f"user_{number % 3}", value={"order": number, "amount": number * 1.5})
metadata = future.get(timeout=10)
assert metadata.topic == topic
producer.flush()
producer.close()

consumer = KafkaConsumer(
    topic,
    bootstrap_servers=[server],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    key_deserializer=lambda key: key.decode("utf-8"),
    value_deserializer=lambda value: json.loads(value.decode("utf-8")),
    consumer_timeout_ms=2000,
)
for message in consumer:
    print(f"{message.topic}:{message.partition}:{message.offset}: key={message.key} value={json.dumps(message.value)}")
consumer.close()
