// sarama's ConsumerGroup as its example has it, at its default protocol version and at a late one, with the range,
// round-robin and sticky strategies: two members, marks that are committed, a comeback. Arguments: SERVER TOPIC.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

// handler counts what it claims and reads.
type handler struct {
	lock   sync.Mutex
	claims int
	read   map[string]bool
	again  int
}

func (h *handler) Setup(session sarama.ConsumerGroupSession) error {
	h.lock.Lock()
	defer h.lock.Unlock()
	h.claims = 0
	for _, partitions := range session.Claims() {
		h.claims += len(partitions)
	}
	return nil
}

func (h *handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			h.lock.Lock()
			place := fmt.Sprintf("%d:%d", message.Partition, message.Offset)
			if h.read[place] {
				h.again++
			}
			h.read[place] = true
			h.lock.Unlock()
			session.MarkMessage(message, "")
			session.Commit()
		case <-session.Context().Done():
			return nil
		}
	}
}

func (h *handler) claimed() int {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.claims
}

func (h *handler) count() int {
	h.lock.Lock()
	defer h.lock.Unlock()
	return len(h.read)
}

func main() {
	server, topic := os.Args[1], os.Args[2]
	strategies := []sarama.BalanceStrategy{
		sarama.NewBalanceStrategyRange(), sarama.NewBalanceStrategyRoundRobin(), sarama.NewBalanceStrategySticky(),
	}
	for index, version := range []sarama.KafkaVersion{sarama.DefaultVersion, sarama.V2_0_0_0, sarama.V4_0_0_0} {
		config := sarama.NewConfig()
		config.Version = version
		config.Producer.Return.Successes = true
		config.Producer.Partitioner = sarama.NewRoundRobinPartitioner
		config.Consumer.Offsets.Initial = sarama.OffsetOldest
		config.Consumer.Offsets.AutoCommit.Enable = false
		config.Consumer.Group.Session.Timeout = 6 * time.Second
		config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
		config.Consumer.Group.Rebalance.GroupStrategies = strategies[index : index+1]
		config.Consumer.MaxWaitTime = 100 * time.Millisecond
		run(server, fmt.Sprintf("%s-%d", topic, index), config)
	}
}

func run(server, topic string, config *sarama.Config) {
	admin, err := sarama.NewClusterAdmin([]string{server}, config)
	check(err)
	check(admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 4, ReplicationFactor: 1}, false))
	write(server, topic, config, 40)
	first, second := &handler{read: map[string]bool{}}, &handler{read: map[string]bool{}}
	stopFirst := join(server, topic, config, first)
	wait("the first reads all", func() bool { return first.count() == 40 && first.claimed() == 4 })
	stopSecond := join(server, topic, config, second)
	wait("they share", func() bool { return first.claimed() == 2 && second.claimed() == 2 })
	write(server, topic, config, 40)
	wait("both read", func() bool { return first.count()+second.count() == 80 })
	stopFirst()
	wait("the second has all", func() bool { return second.claimed() == 4 })
	write(server, topic, config, 40)
	wait("the second reads", func() bool { return first.count()+second.count() == 120 })
	groups, err := admin.DescribeConsumerGroups([]string{topic})
	check(err)
	fmt.Printf("%s %s, %d member\n", groups[0].State, groups[0].Protocol, len(groups[0].Members))
	stopSecond()
	offsets, err := admin.ListConsumerGroupOffsets(topic, nil)
	check(err)
	total := int64(0)
	for partition := int32(0); partition < 4; partition++ {
		total += offsets.GetBlock(topic, partition).Offset
	}
	listed, err := admin.ListConsumerGroups()
	check(err)
	fmt.Printf("committed %d, read again %d, type %s\n", total, first.again+second.again, listed[topic])
	check(admin.DeleteConsumerGroup(topic))
	check(admin.DeleteTopic(topic))
	check(admin.Close())
}

// join consumes as a member until the function it gives is called.
func join(server, topic string, config *sarama.Config, h *handler) func() {
	group, err := sarama.NewConsumerGroup([]string{server}, topic, config)
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			check(group.Consume(ctx, []string{topic}, h))
		}
	}()
	return func() {
		cancel()
		<-ended
		check(group.Close())
	}
}

func write(server, topic string, config *sarama.Config, count int) {
	producer, err := sarama.NewSyncProducer([]string{server}, config)
	check(err)
	for number := 0; number < count; number++ {
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("v")})
		check(err)
	}
	check(producer.Close())
}

func wait(what string, isSo func() bool) {
	for end := time.Now().Add(30 * time.Second); !isSo(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			check(fmt.Errorf("%s: never", what))
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
