// segmentio's kafka-go as its README shows it: a Writer with keys and values, a Reader of one partition, a Conn.
// Arguments: SERVER TOPIC.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	server, topic := os.Args[1], os.Args[2]
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	conn, err := kafka.DialContext(ctx, "tcp", server)
	check(err)
	controller, err := conn.Controller()
	check(err)
	same(fmt.Sprintf("%s:%d", controller.Host, controller.Port), server)
	check(conn.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}))
	write(ctx, server, topic)
	read(ctx, server, topic)
	look(ctx, server, topic)
	check(conn.DeleteTopics(topic))
	partitions, err := conn.ReadPartitions()
	check(err)
	for _, partition := range partitions {
		if partition.Topic == topic {
			check(fmt.Errorf("%s is still there", topic))
		}
	}
	check(conn.Close())
	fmt.Println("deleted")
}

func write(ctx context.Context, server, topic string) {
	codecs := []kafka.Compression{0, kafka.Gzip, kafka.Snappy, kafka.Lz4, kafka.Zstd}
	for index, codec := range codecs {
		w := &kafka.Writer{
			Addr:         kafka.TCP(server),
			Topic:        topic,
			Balancer:     &kafka.LeastBytes{},
			Compression:  codec,
			RequiredAcks: []kafka.RequiredAcks{kafka.RequireAll, kafka.RequireOne}[index%2],
			BatchTimeout: 10 * time.Millisecond,
		}
		mark := []kafka.Header{{Key: "codec", Value: []byte{byte(index)}}}
		check(w.WriteMessages(ctx,
			kafka.Message{Key: []byte("Key-A"), Value: []byte("Hello World!"), Headers: mark},
			kafka.Message{Key: []byte("Key-B"), Value: []byte("One!"), Headers: mark},
			kafka.Message{Key: []byte("Key-C"), Value: []byte("Two!"), Headers: mark},
		))
		check(w.Close())
	}
}

func read(ctx context.Context, server, topic string) {
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers:   []string{server},
		Topic:     topic,
		Partition: 0,
		MaxBytes:  10e6,
		MaxWait:   100 * time.Millisecond,
	})
	check(r.SetOffset(0))
	for count := 0; count < 15; count++ {
		m, err := r.ReadMessage(ctx)
		check(err)
		fmt.Printf("record %d %s %s %d\n", m.Offset, string(m.Key), string(m.Value), m.Headers[0].Value[0])
	}
	check(r.Close())
}

// look goes the older way: a connection to the partition's leader.
func look(ctx context.Context, server, topic string) {
	conn, err := kafka.DialLeader(ctx, "tcp", server, topic, 0)
	check(err)
	check(conn.SetDeadline(time.Now().Add(10 * time.Second)))
	first, last, err := conn.ReadOffsets()
	check(err)
	_, err = conn.WriteMessages(kafka.Message{Value: []byte("by hand")})
	check(err)
	_, err = conn.Seek(last, kafka.SeekAbsolute)
	check(err)
	message, err := conn.ReadMessage(1e6)
	check(err)
	fmt.Printf("offsets %d %d, then %d %s\n", first, last, message.Offset, message.Value)
	check(conn.Close())
}

func same(found, wanted string) {
	if found != wanted {
		check(fmt.Errorf("%q, wanted %q", found, wanted))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
