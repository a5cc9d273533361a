using System.Text;
using SalesforceBridge.Bayeux;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Salesforce.Tests.Streaming;

public sealed class StreamedEventReaderTests
{
    [Fact]
    public void A_platform_event_has_an_id_a_uuid_a_payload_and_a_date()
    {
        StreamedEvent read = Read("""
            {"schema":"dffQ2","payload":{"CreatedDate":"2023-04-09T18:31:40.517Z","CreatedById":"005","F__c":{"deep":[1]}},"event":{"EventUuid":"2ec0e371","replayId":2112}}
            """);

        read.ReplayId.ShouldBe(new ReplayId("2112"));
        read.EventUuid.ShouldBe("2ec0e371");
        read.CreatedDate.ShouldBe("2023-04-09T18:31:40.517Z");
        Text(read.Payload).ShouldBe("""{"CreatedDate":"2023-04-09T18:31:40.517Z","CreatedById":"005","F__c":{"deep":[1]}}""");
        read.Change.ShouldBeNull();
    }

    [Fact]
    public void A_change_event_has_its_header()
    {
        StreamedEvent read = Read("""
            {"event":{"replayId":9007199254740993},"payload":{"LastName":"X","ChangeEventHeader":{"commitNumber":1,"commitUser":"005","sequenceNumber":2,"entityName":"Contact",
            "changeType":"GAP_UPDATE","changedFields":["LastName"],"changeOrigin":"com/salesforce/api/rest/62.0;client=x","transactionKey":"00-1","commitTimestamp":1700000000000,"recordIds":["003A","003B"]}},"schema":"x"}
            """);

        read.Change.ShouldBe(new ChangeHeader("00-1", 2, "Contact", "GAP_UPDATE", "003A", 1_700_000_000_000) { ChangeOrigin = "com/salesforce/api/rest/62.0;client=x" });
        read.ReplayId.ShouldBe(new ReplayId("9007199254740993"));
        read.EventUuid.ShouldBeNull();
    }

    [Fact]
    public void A_topic_shows_its_record()
    {
        StreamedEvent read = Read("""{"event":{"createdDate":"2026-01-01T00:00:00.000Z","replayId":13,"type":"created"},"sobject":{"Id":"001"}}""");

        Text(read.Payload).ShouldBe("""{"Id":"001"}""");
        read.CreatedDate.ShouldBe("2026-01-01T00:00:00.000Z");
        read.ReplayId.ShouldBe(new ReplayId("13"));
    }

    [Fact]
    public void A_generic_event_shows_its_text()
    {
        StreamedEvent read = Read("""{"event":{"createdDate":"2026-01-01T00:00:00.000Z","replayId":55},"payload":"hello"}""");

        Text(read.Payload).ShouldBe("\"hello\"");
        read.CreatedDate.ShouldBe("2026-01-01T00:00:00.000Z");
    }

    [Fact]
    public void A_replay_id_that_is_a_text_keeps_its_quotes() =>
        Read("""{"event":{"replayId":"AAAB=="}}""").ReplayId.ShouldBe(new ReplayId("\"AAAB==\""));

    [Theory]
    [InlineData("", "")]
    [InlineData("null", "")]
    [InlineData("7", "")]
    [InlineData("\"text\"", "")]
    [InlineData("[1,{\"payload\":1}]", "")]
    [InlineData("{}", "")]
    [InlineData("""{"payload":null}""", "null")]
    [InlineData("""{"payload":[{"ChangeEventHeader":{}}],"event":null}""", """[{"ChangeEventHeader":{}}]""")]
    [InlineData("""{"payload":{},"event":"x"}""", "{}")]
    [InlineData("""{"payload":{"ChangeEventHeader":[1]},"event":{"replayId":{"a":1}}}""", """{"ChangeEventHeader":[1]}""")]
    [InlineData("""{"event":{"replayId":null,"EventUuid":7,"createdDate":{}},"payload":{"CreatedDate":1}}""", """{"CreatedDate":1}""")]
    public void Whatever_is_missing_or_of_another_type_is_left_out(string data, string payload)
    {
        StreamedEvent read = Read(data);

        Text(read.Data).ShouldBe(data);
        Text(read.Payload).ShouldBe(payload);
        read.ShouldSatisfyAllConditions(
            () => read.ReplayId.ShouldBeNull(), () => read.EventUuid.ShouldBeNull(), () => read.CreatedDate.ShouldBeNull(), () => read.Change.ShouldBeNull());
    }

    [Fact]
    public void A_header_of_other_types_is_read_as_far_as_it_goes() =>
        Read("""{"payload":{"ChangeEventHeader":{"transactionKey":1,"sequenceNumber":"2","entityName":"A","changeType":[],"recordIds":[[1],"003"],"commitTimestamp":1.5,"x":{}}}}""")
            .Change.ShouldBe(new ChangeHeader(null, null, "A", null, null, null));

    [Fact]
    public void Text_that_is_not_utf8_stays_in_the_data_and_breaks_nothing()
    {
        byte[] data = [.. "{\"payload\":{\"a\":\""u8, 0xC3, 0x28, .. "\"},\"event\":{\"replayId\":7,\"EventUuid\":\""u8, 0xFF, .. "\",\"createdDate\":\"\\ud800\"}}"u8];

        StreamedEvent read = StreamedEventReader.Read(new BayeuxData("/event/A", data));

        read.Data.ToArray().ShouldBe(data);
        read.Payload.ToArray().ShouldBe([.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        read.ReplayId.ShouldBe(new ReplayId("7"));
        (read.EventUuid, read.CreatedDate).ShouldBe((null, null));
    }

    private static StreamedEvent Read(string data) => StreamedEventReader.Read(new BayeuxData("/event/A", Encoding.UTF8.GetBytes(data)));

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
