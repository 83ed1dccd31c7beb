// Records of __consumer_offsets as Apache Kafka's own classes write them: a line for each, its name, the bytes of
// its key and of its value, "-" for a tombstone. test/golden/group_records.txt keeps them; group_records.ts says
// what they are.
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.*;
import org.apache.kafka.server.common.ApiMessageAndVersion;

public class GroupRecords {
  static final Uuid ORDERS = new Uuid(1, 2);
  static final Uuid PAYMENTS = new Uuid(3, 4);
  static final byte[] BYTES = {0, 1, -1, 5};

  static void print(String name, CoordinatorRecord record) {
    GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
    byte[] value = serde.serializeValue(record);
    String words = value == null ? "-" : HexFormat.of().formatHex(value);
    System.out.println(name + " " + HexFormat.of().formatHex(serde.serializeKey(record)) + " " + words);
  }

  static void print(String name, ApiMessage key, ApiMessage value, int version) {
    print(name, CoordinatorRecord.record(key, new ApiMessageAndVersion(value, (short) version)));
  }

  static OffsetCommitValue offset() {
    return new OffsetCommitValue().setOffset(9_007_199_254_740_000L).setMetadata("m\u00e9ta").setCommitTimestamp(1_700_000_000_000L);
  }

  static GroupMetadataValue.MemberMetadata member(String id, String instance) {
    return new GroupMetadataValue.MemberMetadata().setMemberId(id).setGroupInstanceId(instance)
        .setClientId("client").setClientHost("/127.0.0.1").setRebalanceTimeout(300_000).setSessionTimeout(45_000)
        .setSubscription(BYTES).setAssignment(new byte[0]);
  }

  static ConsumerGroupMemberMetadataValue consumer() {
    return new ConsumerGroupMemberMetadataValue().setInstanceId(null).setRackId("rack").setClientId("client")
        .setClientHost("/127.0.0.1").setSubscribedTopicNames(List.of("orders", "payments"))
        .setSubscribedTopicRegex(null).setRebalanceTimeoutMs(300_000).setServerAssignor("uniform")
        .setClassicMemberMetadata(null);
  }

  static ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions owned(Uuid topic, Integer... partitions) {
    return new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions().setTopicId(topic)
        .setPartitions(List.of(partitions));
  }

  public static void main(String[] words) {
    OffsetCommitKey offsetKey = new OffsetCommitKey().setGroup("readers").setTopic("orders").setPartition(2);
    print("offset", offsetKey, offset().setLeaderEpoch(7).setTopicId(ORDERS), 4);
    print("offset_of_no_topic", offsetKey, offset().setLeaderEpoch(-1), 4);
    print("offset_with_expiry", offsetKey, offset().setExpireTimestamp(1_700_000_060_000L), 1);
    print("offset_tombstone", CoordinatorRecord.tombstone(offsetKey));
    GroupMetadataKey groupKey = new GroupMetadataKey().setGroup("r\u00e9aders");
    print("classic_group", groupKey, new GroupMetadataValue().setProtocolType("consumer").setGeneration(3)
        .setProtocol("range").setLeader("m-1").setCurrentStateTimestamp(1_700_000_000_000L)
        .setMembers(List.of(member("m-1", null), member("m-2", "i-2"))), 3);
    print("classic_group_empty", groupKey, new GroupMetadataValue().setProtocolType("").setGeneration(0)
        .setProtocol(null).setLeader(null).setCurrentStateTimestamp(-1).setMembers(List.of()), 3);
    print("consumer_group", new ConsumerGroupMetadataKey().setGroupId("readers"),
        new ConsumerGroupMetadataValue().setEpoch(12).setMetadataHash(123_456_789_012_345L), 0);
    print("consumer_group_tombstone", CoordinatorRecord.tombstone(new ConsumerGroupMetadataKey().setGroupId("readers")));
    ConsumerGroupMemberMetadataKey memberKey = new ConsumerGroupMemberMetadataKey().setGroupId("readers").setMemberId("m-1");
    print("consumer_member", memberKey, consumer(), 0);
    print("consumer_member_pattern", memberKey, consumer().setSubscribedTopicNames(List.of()).setInstanceId("i-1")
        .setSubscribedTopicRegex("or.*").setServerAssignor(null).setRackId(null), 0);
    print("consumer_member_classic", memberKey, consumer().setClassicMemberMetadata(
        new ConsumerGroupMemberMetadataValue.ClassicMemberMetadata().setSessionTimeoutMs(45_000).setSupportedProtocols(
            List.of(new ConsumerGroupMemberMetadataValue.ClassicProtocol().setName("range").setMetadata(BYTES)))), 0);
    print("consumer_target", new ConsumerGroupTargetAssignmentMetadataKey().setGroupId("readers"),
        new ConsumerGroupTargetAssignmentMetadataValue().setAssignmentEpoch(12), 0);
    print("consumer_target_member",
        new ConsumerGroupTargetAssignmentMemberKey().setGroupId("readers").setMemberId("m-1"),
        new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(List.of(
            new ConsumerGroupTargetAssignmentMemberValue.TopicPartition().setTopicId(ORDERS).setPartitions(List.of(0, 2)),
            new ConsumerGroupTargetAssignmentMemberValue.TopicPartition().setTopicId(PAYMENTS).setPartitions(List.of(300)))), 0);
    ConsumerGroupCurrentMemberAssignmentKey currentKey =
        new ConsumerGroupCurrentMemberAssignmentKey().setGroupId("readers").setMemberId("m-1");
    print("consumer_current", currentKey, new ConsumerGroupCurrentMemberAssignmentValue().setMemberEpoch(12)
        .setPreviousMemberEpoch(11).setState((byte) 1)
        .setAssignedPartitions(List.of(owned(ORDERS, 0, 2).setAssignmentEpochs(List.of(9, 12))))
        .setPartitionsPendingRevocation(List.of(owned(PAYMENTS, 1).setAssignmentEpochs(List.of(3)))), 0);
    print("consumer_pattern", new ConsumerGroupRegularExpressionKey().setGroupId("readers").setRegularExpression("or.*"),
        new ConsumerGroupRegularExpressionValue().setTopics(List.of("orders")).setVersion(40).setTimestamp(1_700_000_000_000L), 0);
    // Versions that older brokers wrote, and what newer fields of this one look like: to be read, not written.
    for (int version = 0; version <= 3; version++) {
      OffsetCommitValue value = offset().setLeaderEpoch(version < 3 ? -1 : 7);
      if (version != 1) print("read_offset_v" + version, offsetKey, value, version);
    }
    print("read_legacy_offset", new LegacyOffsetCommitKey().setGroup("readers").setTopic("orders").setPartition(2),
        new LegacyOffsetCommitValue().setOffset(5).setMetadata("").setCommitTimestamp(6), 0);
    for (int version : new int[] {0, 1, 2, 4}) {
      print("read_classic_group_v" + version, groupKey, new GroupMetadataValue().setProtocolType("consumer").setGeneration(3)
          .setProtocol("range").setLeader("m-1").setCurrentStateTimestamp(version < 2 ? -1 : 5)
          .setMembers(List.of(member("m-1", null))), version);
    }
    print("read_consumer_current", currentKey, new ConsumerGroupCurrentMemberAssignmentValue().setMemberEpoch(12)
        .setPreviousMemberEpoch(11).setState((byte) 1).setAssignedPartitions(List.of(owned(ORDERS, 0, 2)))
        .setPartitionsPendingRevocation(List.of(owned(PAYMENTS, 1))), 0);
    print("read_consumer_current_few_epochs", currentKey, new ConsumerGroupCurrentMemberAssignmentValue()
        .setMemberEpoch(12).setPreviousMemberEpoch(11).setState((byte) 0)
        .setAssignedPartitions(List.of(owned(ORDERS, 0, 2).setAssignmentEpochs(List.of(11)))), 0);
    print("read_consumer_current_away", currentKey, new ConsumerGroupCurrentMemberAssignmentValue().setMemberEpoch(-2)
        .setPreviousMemberEpoch(11).setState((byte) 0).setAssignedPartitions(List.of(owned(ORDERS, 0, 2))), 0);
    print("read_consumer_target_time", new ConsumerGroupTargetAssignmentMetadataKey().setGroupId("readers"),
        new ConsumerGroupTargetAssignmentMetadataValue().setAssignmentEpoch(12).setAssignmentTimestamp(1_700_000_000_000L), 0);
    print("unknown_partition_metadata", new ConsumerGroupPartitionMetadataKey().setGroupId("readers"),
        new ConsumerGroupPartitionMetadataValue(), 0);
    print("unknown_share_group", new ShareGroupMetadataKey().setGroupId("sharers"),
        new ShareGroupMetadataValue().setEpoch(1), 0);
    print("unknown_streams_group", CoordinatorRecord.tombstone(new StreamsGroupMetadataKey().setGroupId("streams")));
  }
}
