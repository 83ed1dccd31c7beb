// The franz-go client: produce and consume without a group, every codec, administration. Arguments: SERVER TOPIC.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	server, topic := os.Args[1], os.Args[2]
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(server))
	check(err)
	defer client.Close()
	admin := kadm.NewClient(client)
	created, err := admin.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": kadm.StringPtr("1000000")}, topic)
	check(err)
	fmt.Printf("created %s partitions=%d\n", created.Topic, created.NumPartitions)
	_, err = admin.CreateTopic(ctx, 2, 1, nil, topic)
	same("second create", err, kerr.TopicAlreadyExists)
	produce(ctx, server, topic)
	consume(ctx, server, topic)
	administer(ctx, admin, topic)
}

// produce writes three records to partition 0 with every codec and acks, the last one with a null value.
func produce(ctx context.Context, server, topic string) {
	codecs := []kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	}
	for index, codec := range codecs {
		settings := []kgo.Opt{
			kgo.SeedBrokers(server), kgo.ProducerBatchCompression(codec), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		}
		if index == 1 {
			settings = append(settings, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
		}
		client, err := kgo.NewClient(settings...)
		check(err)
		records := []*kgo.Record{}
		for number := 0; number < 3; number++ {
			record := &kgo.Record{
				Topic: topic, Key: []byte(fmt.Sprintf("k%d", number)), Value: []byte(fmt.Sprintf("%d-%d", index, number)),
				Headers: []kgo.RecordHeader{{Key: "codec", Value: []byte{byte(index)}}},
			}
			if number == 2 {
				record.Value = nil
			}
			records = append(records, record)
		}
		check(client.ProduceSync(ctx, records...).FirstErr())
		client.Close()
	}
}

func consume(ctx context.Context, server, topic string) {
	client, err := kgo.NewClient(kgo.SeedBrokers(server), kgo.ConsumePartitions(
		map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	check(err)
	defer client.Close()
	for count := 0; count < 15; {
		fetches := client.PollFetches(ctx)
		for _, fault := range fetches.Errors() {
			check(fault.Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			value := string(record.Value)
			if record.Value == nil {
				value = "null"
			}
			fmt.Printf("record %d %s %s %d\n", record.Offset, record.Key, value, record.Headers[0].Value[0])
			count++
		})
	}
}

func administer(ctx context.Context, admin *kadm.Client, topic string) {
	starts, err := admin.ListStartOffsets(ctx, topic)
	check(err)
	ends, err := admin.ListEndOffsets(ctx, topic)
	check(err)
	late, err := admin.ListOffsetsAfterMilli(ctx, 1, topic)
	check(err)
	first, _ := starts.Lookup(topic, 0)
	last, _ := ends.Lookup(topic, 0)
	after, _ := late.Lookup(topic, 0)
	fmt.Printf("offsets %d %d %d\n", first.Offset, last.Offset, after.Offset)
	_, err = admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: kadm.StringPtr("5000")},
		{Op: kadm.DeleteConfig, Name: "retention.ms"},
	}, topic)
	check(err)
	configs, err := admin.DescribeTopicConfigs(ctx, topic)
	check(err)
	config, err := configs.On(topic, nil)
	check(err)
	for _, entry := range config.Configs {
		if entry.Key == "max.message.bytes" || entry.Key == "retention.ms" {
			fmt.Printf("config %s=%s %s\n", entry.Key, entry.MaybeValue(), entry.Source)
		}
	}
	_, err = admin.UpdatePartitions(ctx, 3, topic)
	check(err)
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, 4, -1)
	deleted, err := admin.DeleteRecords(ctx, offsets)
	check(err)
	low, _ := deleted.Lookup(topic, 0)
	check(low.Err)
	topics, err := admin.ListTopics(ctx, topic)
	check(err)
	fmt.Printf("low watermark %d partitions %d\n", low.LowWatermark, len(topics[topic].Partitions))
	metadata, err := admin.BrokerMetadata(ctx)
	check(err)
	fmt.Printf("brokers %d\n", len(metadata.Brokers))
	gone, err := admin.DeleteTopics(ctx, topic)
	check(err)
	check(gone[topic].Err)
	fmt.Println("deleted")
}

func same(what string, found, wanted error) {
	if found != wanted {
		check(fmt.Errorf("%s: %v, wanted %v", what, found, wanted))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
