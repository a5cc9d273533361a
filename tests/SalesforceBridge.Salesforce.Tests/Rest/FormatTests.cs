using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class FormatTests
{
    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-01-02T03:04:05.678+0000")]
    [InlineData("2026-01-02T03:04:05.678Z")]
    [InlineData("2026-01-02T03:04:05.678+00:00")]
    [InlineData("2026-01-02T05:34:05.678+0230")]
    [InlineData("2026-01-01T21:04:05.678-0600")]
    public void A_moment_is_read_in_every_form_an_org_writes(string text) => Read(text).ShouldBe(Moment);

    [Fact]
    public void A_moment_without_milliseconds_is_read() => Read("2026-01-02T03:04:05Z").ShouldBe(Moment.AddMilliseconds(-678));

    [Theory]
    [InlineData("\"2026-01-02\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2026-13-02T03:04:05.678+0000\"")]
    [InlineData("\"2026-01-02 03:04:05.678+0000\"")]
    [InlineData("\"2026-01-02T03:04:05.678+00:0\"")]
    [InlineData("\"2026-01-02T03:04:05.678+00é\"")]
    [InlineData("\"2026-01-02T03:04:05.6\\t8+0000\"")]
    [InlineData("\"\"")]
    [InlineData("17")]
    public void What_is_no_moment_is_refused(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize($$"""{"CreatedDate":{{json}}}""", RowJson.Default.Row));

    [Fact]
    public void A_typed_record_is_sent_with_utc_moments_plain_days_and_nulls() =>
        Text(RecordJson.From(new Row("a01", Moment.ToOffset(TimeSpan.FromHours(-6)), new DateOnly(2026, 1, 2), null), RowJson.Default.Row))
            .ShouldBe("""{"Id":"a01","CreatedDate":"2026-01-02T03:04:05.678Z","Day__c":"2026-01-02","Closed__c":null}""");

    [Fact]
    public void A_dictionary_is_sent_as_the_org_wants_each_value() =>
        Text(new Dictionary<string, object?>
        {
            ["Text__c"] = "é\"",
            ["None__c"] = null,
            ["Flag__c"] = true,
            ["Whole__c"] = 1,
            ["Long__c"] = 9_007_199_254_740_993,
            ["Money__c"] = 12.50m,
            ["Moment__c"] = Moment.ToOffset(TimeSpan.FromHours(2)),
            ["Day__c"] = new DateOnly(2026, 1, 2),
            ["Time__c"] = new TimeOnly(10, 15),
            ["Body"] = new byte[] { 1, 2, 3 },
            ["Json__c"] = JsonDocument.Parse("[1]").RootElement,
            ["Account__r"] = new Dictionary<string, object?> { ["Ext__c"] = "A1" },
        }).ShouldBe(
            """{"Text__c":"\u00E9\u0022","None__c":null,"Flag__c":true,"Whole__c":1,"Long__c":9007199254740993,"Money__c":12.50"""
            + ""","Moment__c":"2026-01-02T03:04:05.678Z","Day__c":"2026-01-02","Time__c":"10:15:00.000Z","Body":"AQID","Json__c":[1]"""
            + ""","Account__r":{"Ext__c":"A1"}}""");

    [Fact]
    public void A_date_that_does_not_say_where_is_refused() =>
        Should.Throw<ArgumentException>(() => RecordJson.FromDictionary(new Dictionary<string, object?> { ["Day__c"] = DateTime.UnixEpoch }))
            .Message.ShouldContain("Day__c");

    private static DateTimeOffset? Read(string text) =>
        JsonSerializer.Deserialize($$"""{"CreatedDate":"{{text}}"}""", RowJson.Default.Row)!.CreatedDate;

    private static string Text(RecordJson record) => Encoding.UTF8.GetString(record.Utf8.Span);
}
