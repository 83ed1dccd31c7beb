"""confluent-kafka's tutorial with subscribe(), by either protocol of groups. argv: SERVER TOPIC COUNT PROTOCOL."""
import sys

from confluent_kafka import Consumer

server, topic, count, protocol = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]

consumer = Consumer({
    "bootstrap.servers": server,
    "group.id": "order-processor",
    "group.protocol": protocol,
    "auto.offset.reset": "earliest",
})
consumer.subscribe([topic])
try:
    while count > 0:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            sys.exit(f"Consumer error: {message.error()}")
        print(f"{message.topic()}:{message.partition()}:{message.offset()}: value={message.value().decode('utf-8')}")
        count -= 1
finally:
    consumer.close()
