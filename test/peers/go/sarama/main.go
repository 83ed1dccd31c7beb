// The sarama client: sync producer, partition consumer, ClusterAdmin, at its default protocol version and at a
// late one. Arguments: SERVER TOPIC.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
)

func main() {
	server, topic := os.Args[1], os.Args[2]
	for index, version := range []sarama.KafkaVersion{sarama.DefaultVersion, sarama.V4_0_0_0} {
		config := sarama.NewConfig()
		config.Version = version
		config.Producer.Return.Successes = true
		config.Producer.RequiredAcks = sarama.WaitForAll
		name := fmt.Sprintf("%s-%d", topic, index)
		admin, err := sarama.NewClusterAdmin([]string{server}, config)
		check(err)
		retention := "1000000"
		detail := &sarama.TopicDetail{
			NumPartitions: 2, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": &retention},
		}
		check(admin.CreateTopic(name, detail, false))
		if err := admin.CreateTopic(name, detail, false); !errors.Is(err, sarama.ErrTopicAlreadyExists) {
			check(fmt.Errorf("second create: %v", err))
		}
		produce(server, name, config)
		consume(server, name, config)
		administer(admin, name)
		check(admin.Close())
	}
}

func produce(server, topic string, config *sarama.Config) {
	codecs := []sarama.CompressionCodec{
		sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD,
	}
	for index, codec := range codecs {
		settings := *config
		settings.Producer.Compression = codec
		settings.Producer.Partitioner = sarama.NewManualPartitioner
		settings.Producer.Idempotent = index%2 == 1
		settings.Net.MaxOpenRequests = 1
		producer, err := sarama.NewSyncProducer([]string{server}, &settings)
		check(err)
		for number := 0; number < 3; number++ {
			message := &sarama.ProducerMessage{
				Topic: topic, Partition: 0, Key: sarama.StringEncoder(fmt.Sprintf("k%d", number)),
				Headers: []sarama.RecordHeader{{Key: []byte("codec"), Value: []byte{byte(index)}}},
			}
			if number < 2 {
				message.Value = sarama.StringEncoder(fmt.Sprintf("%d-%d", index, number))
			}
			partition, offset, err := producer.SendMessage(message)
			check(err)
			if partition != 0 || offset != int64(index*3+number) {
				check(fmt.Errorf("record at %d:%d", partition, offset))
			}
		}
		check(producer.Close())
	}
}

func consume(server, topic string, config *sarama.Config) {
	consumer, err := sarama.NewConsumer([]string{server}, config)
	check(err)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	check(err)
	for count := 0; count < 15; count++ {
		select {
		case message := <-partition.Messages():
			value := string(message.Value)
			if message.Value == nil {
				value = "null"
			}
			fmt.Printf("record %d %s %s %d\n", message.Offset, message.Key, value, message.Headers[0].Value[0])
		case <-time.After(10 * time.Second):
			check(errors.New("no message within ten seconds"))
		}
	}
	if partition.HighWaterMarkOffset() != 15 {
		check(fmt.Errorf("high watermark %d", partition.HighWaterMarkOffset()))
	}
	check(partition.Close())
	check(consumer.Close())
}

func administer(admin sarama.ClusterAdmin, topic string) {
	size := "5000"
	check(admin.IncrementalAlterConfig(sarama.TopicResource, topic, map[string]sarama.IncrementalAlterConfigsEntry{
		"max.message.bytes": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &size},
	}, false))
	entries, err := admin.DescribeConfig(sarama.ConfigResource{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"max.message.bytes", "retention.ms"},
	})
	check(err)
	settings := map[string]string{}
	for _, entry := range entries {
		settings[entry.Name] = entry.Value
	}
	check(admin.CreatePartitions(topic, 3, nil, false))
	check(admin.DeleteRecords(topic, map[int32]int64{0: 4}))
	described, err := admin.DescribeTopics([]string{topic})
	check(err)
	brokers, controller, err := admin.DescribeCluster()
	check(err)
	fmt.Printf("settings %s %s partitions %d brokers %d controlled %t\n", settings["max.message.bytes"],
		settings["retention.ms"], len(described[0].Partitions), len(brokers), brokers[0].ID() == controller)
	check(admin.DeleteTopic(topic))
	topics, err := admin.ListTopics()
	check(err)
	if _, left := topics[topic]; left {
		check(errors.New("the topic is still there"))
	}
	fmt.Println("deleted")
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
