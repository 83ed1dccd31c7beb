// segmentio's kafka-go in a group as its README shows it: a Reader with a GroupID, that commits by itself and by
// hand, and two Readers at once. Arguments: SERVER TOPIC.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	server, topic := os.Args[1], os.Args[2]
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	conn, err := kafka.DialContext(ctx, "tcp", server)
	check(err)
	check(conn.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: 3, ReplicationFactor: 1}))
	write(ctx, server, topic, 0, 30)
	r := reader(server, topic)
	read := map[string]bool{}
	for len(read) < 20 {
		m, err := r.ReadMessage(ctx)
		check(err)
		read[string(m.Value)] = true
	}
	check(r.Close())
	r = reader(server, topic)
	for len(read) < 30 {
		m, err := r.FetchMessage(ctx)
		check(err)
		if read[string(m.Value)] {
			check(fmt.Errorf("%s is read again", m.Value))
		}
		read[string(m.Value)] = true
		check(r.CommitMessages(ctx, m))
	}
	fmt.Printf("one reader, then another: %d\n", len(read))
	share(ctx, server, topic, r, read)
}

// reader is the README's, with a quicker eye for changes.
func reader(server, topic string) *kafka.Reader {
	return kafka.NewReader(kafka.ReaderConfig{
		Brokers:           []string{server},
		GroupID:           "consumer-group-id-" + topic,
		Topic:             topic,
		StartOffset:       kafka.FirstOffset,
		MaxBytes:          10e6,
		MaxWait:           100 * time.Millisecond,
		HeartbeatInterval: 300 * time.Millisecond,
	})
}

// share has two readers at once take what is written until both have read.
func share(ctx context.Context, server, topic string, first *kafka.Reader, read map[string]bool) {
	second := reader(server, topic)
	found := make(chan struct {
		reader int
		value  string
	}, 1000)
	until, stop := context.WithCancel(ctx)
	for index, r := range []*kafka.Reader{first, second} {
		go func() {
			for {
				m, err := r.ReadMessage(until)
				if errors.Is(err, context.Canceled) {
					return
				}
				check(err)
				found <- struct {
					reader int
					value  string
				}{index, string(m.Value)}
			}
		}()
	}
	counts := [2]int{}
	written := 30
	for counts[0] == 0 || counts[1] == 0 || len(read) < written {
		if counts[0] == 0 || counts[1] == 0 {
			write(ctx, server, topic, written, 3)
			written += 3
		}
		for waiting := true; waiting; {
			select {
			case one := <-found:
				counts[one.reader]++
				read[one.value] = true
			case <-time.After(200 * time.Millisecond):
				waiting = false
			}
		}
		check(ctx.Err())
	}
	stop()
	check(first.Close())
	check(second.Close())
	fmt.Printf("two readers at once: all %t\n", len(read) == written)
}

func write(ctx context.Context, server, topic string, from, count int) {
	w := &kafka.Writer{Addr: kafka.TCP(server), Topic: topic, Balancer: &kafka.RoundRobin{}, BatchTimeout: 10 * time.Millisecond}
	for number := from; number < from+count; number++ {
		check(w.WriteMessages(ctx, kafka.Message{Value: []byte(fmt.Sprint(number))}))
	}
	check(w.Close())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
