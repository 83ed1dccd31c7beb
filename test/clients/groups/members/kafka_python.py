"""A member of a group on kafka-python: says what it is assigned, reads and commits; SIGTERM makes it leave."""

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata

from member import ORDERS, is_leaving, say


class Listener(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        say(assigned=sorted(place.partition for place in assigned))


consumer = KafkaConsumer(
    bootstrap_servers=ORDERS["broker"],
    client_id="member",
    group_id=ORDERS["group"],
    session_timeout_ms=ORDERS["sessionMs"],
    heartbeat_interval_ms=ORDERS["heartbeatMs"],
    enable_auto_commit=False,
    auto_offset_reset="earliest",
)
consumer.subscribe([ORDERS["topic"]], listener=Listener())
while not is_leaving():
    for place, records in consumer.poll(timeout_ms=100).items():
        for record in records:
            say(partition=record.partition, offset=record.offset, value=record.value.decode())
            consumer.commit({place: OffsetAndMetadata(record.offset + 1, "")})
            say(committed=record.offset + 1, partition=record.partition)
consumer.close(autocommit=False)
