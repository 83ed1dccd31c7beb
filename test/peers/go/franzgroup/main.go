// franz-go in groups: cooperative by default, eager, static; commits, lag, and what its admin says of groups.
// Arguments: SERVER TOPIC.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	server, topic := os.Args[1], os.Args[2]
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(server), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	check(err)
	defer client.Close()
	admin := kadm.NewClient(client)
	_, err = admin.CreateTopic(ctx, 4, 1, nil, topic)
	check(err)
	kinds := map[string][]kgo.Opt{
		"cooperative": {},
		"eager":       {kgo.Balancers(kgo.RangeBalancer())},
		"static":      {kgo.Balancers(kgo.StickyBalancer())},
	}
	for _, kind := range []string{"cooperative", "eager", "static"} {
		shares(ctx, client, admin, server, topic, kind, kinds[kind])
	}
}

// shares has two members read what comes until each owns two partitions; then one leaves.
func shares(ctx context.Context, client *kgo.Client, admin *kadm.Client, server, topic, kind string, more []kgo.Opt) {
	group := topic + "-" + kind
	join := func(index int) *kgo.Client {
		settings := append([]kgo.Opt{
			kgo.SeedBrokers(server), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(),
			kgo.HeartbeatInterval(300 * time.Millisecond), kgo.SessionTimeout(6 * time.Second),
		}, more...)
		if kind == "static" {
			settings = append(settings, kgo.InstanceID(fmt.Sprintf("%s-%d", kind, index)))
		}
		member, err := kgo.NewClient(settings...)
		check(err)
		return member
	}
	members := []*kgo.Client{join(0), join(1)}
	counts := [2]map[int32]int{{}, {}}
	for len(counts[0]) < 2 || len(counts[1]) < 2 {
		for partition := int32(0); partition < 4; partition++ {
			check(client.ProduceSync(ctx, &kgo.Record{Topic: topic, Partition: partition, Value: []byte("v")}).FirstErr())
		}
		for index, member := range members {
			poll(ctx, member, counts[index])
		}
		check(ctx.Err())
	}
	described, err := admin.DescribeGroups(ctx, group)
	check(err)
	found := described[group]
	check(found.Err)
	owned := 0
	for _, member := range found.Members {
		assigned, ok := member.Assigned.AsConsumer()
		if !ok {
			check(fmt.Errorf("an assignment cannot be read"))
		}
		for _, place := range assigned.Topics {
			owned += len(place.Partitions)
		}
	}
	fmt.Printf("%s: %s, %d members, %d partitions by %s\n", kind, found.ProtocolType, len(found.Members), owned, found.Protocol)
	for _, member := range members {
		member.Close()
	}
	committed(ctx, admin, group, topic)
	if kind == "static" {
		remove := kadm.LeaveGroup(group).InstanceIDs("static-0", "static-1").Reason("the end")
		left, err := admin.LeaveGroup(ctx, remove)
		check(err)
		check(left.Error())
	}
	gone, err := admin.DeleteGroups(ctx, group)
	check(err)
	check(gone[group].Err)
}

func poll(ctx context.Context, member *kgo.Client, counts map[int32]int) {
	until, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	fetches := member.PollFetches(until)
	fetches.EachRecord(func(record *kgo.Record) { counts[record.Partition]++ })
	check(member.CommitUncommittedOffsets(ctx))
}

// committed compares what is committed with the ends: the lag is what nobody read yet.
func committed(ctx context.Context, admin *kadm.Client, group, topic string) {
	offsets, err := admin.FetchOffsets(ctx, group)
	check(err)
	ends, err := admin.ListEndOffsets(ctx, topic)
	check(err)
	places := 0
	offsets.Each(func(offset kadm.OffsetResponse) {
		end, _ := ends.Lookup(topic, offset.Partition)
		if offset.At > end.Offset || offset.At <= 0 {
			check(fmt.Errorf("committed %d of %d", offset.At, end.Offset))
		}
		places++
	})
	fmt.Printf("%d offsets committed\n", places)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
