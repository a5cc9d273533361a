
namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class SourceNameTests
{
    [Theory]
    [InlineData("event Order_Placed__e", SourceKind.Event, "event Order_Placed__e")]
    [InlineData("  Event \t ns__Order__e ", SourceKind.Event, "event ns__Order__e")]
    [InlineData("change Account", SourceKind.Change, "change Account")]
    [InlineData("topic OpenOrders", SourceKind.Topic, "topic OpenOrders")]
    [InlineData("channel /event/Orders__chn", SourceKind.Channel, "channel /event/Orders__chn")]
    [InlineData("callout credit-check", SourceKind.Callout, "callout credit-check")]
    [InlineData("outbound-message Opportunity", SourceKind.OutboundMessage, "outbound-message Opportunity")]
    [InlineData("table Salesforce.Contact", SourceKind.Table, "table salesforce.contact")]
    [InlineData("table \"My App\".\"Order  Lines\"", SourceKind.Table, "table \"My App\".\"Order  Lines\"")]
    [InlineData("Connect-Error", SourceKind.HerokuConnectError, "connect-error")]
    [InlineData("webhook api:release", SourceKind.Webhook, "webhook api:release")]
    [InlineData("webhook api:addon-attachment", SourceKind.Webhook, "webhook api:addon-attachment")]
    [InlineData("webhook dyno", SourceKind.Webhook, "webhook dyno")]
    [InlineData("cron 0  */5 * * * ?", SourceKind.Cron, "cron 0 */5 * * * ?")]
    [InlineData("cron 0 0 9 ? * MON-FRI 2026-2030 Europe/Berlin", SourceKind.Cron, "cron 0 0 9 ? * MON-FRI 2026-2030 Europe/Berlin")]
    [InlineData("cron 0 0 9 LW * ? UTC", SourceKind.Cron, "cron 0 0 9 LW * ? UTC")]
    [InlineData("every 5m", SourceKind.Every, "every 5m")]
    [InlineData("soql 5m : select Id,  Name from Account\twhere Name = 'a  b\\'  c: d'", SourceKind.Soql,
        "soql 5m: select Id, Name from Account where Name = 'a  b\\'  c: d'")]
    [InlineData("result of order-accepted", SourceKind.Result, "result of order-accepted")]
    [InlineData("alert", SourceKind.Alert, "alert")]
    [InlineData("api publish", SourceKind.Api, "api publish")]
    [InlineData("channel /event/Order_Placed__e", SourceKind.Event, "event Order_Placed__e")]
    [InlineData("channel /data/AccountChangeEvent", SourceKind.Change, "change Account")]
    [InlineData("channel /data/Order__ChangeEvent", SourceKind.Change, "change Order__c")]
    [InlineData("channel /topic/OpenOrders", SourceKind.Topic, "topic OpenOrders")]
    [InlineData("channel /data/ChangeEvents", SourceKind.Channel, "channel /data/ChangeEvents")]
    [InlineData("channel /event/BatchApexErrorEvent", SourceKind.Channel, "channel /event/BatchApexErrorEvent")]
    [InlineData("channel /u/Notices", SourceKind.Channel, "channel /u/Notices")]
    public void A_source_has_one_canonical_name(string text, SourceKind kind, string name)
    {
        var source = SourceName.Parse(text);

        source.Kind.ShouldBe(kind);
        source.ToString().ShouldBe(name);
        SourceName.Parse(name).ShouldBe(source);
    }

    [Theory]
    [InlineData("every 5m", 300)]
    [InlineData("every 1d", 86_400)]
    [InlineData("soql 90s: select Id from Account", 90)]
    public void A_source_with_an_interval_knows_it(string text, int seconds) =>
        SourceName.Parse(text).Interval.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("", "names no source")]
    [InlineData("evnt Order__e", "did you mean `event`?")]
    [InlineData("kafka orders", "write one of event, change, topic")]
    [InlineData("event", "nothing is not right here: it names a Platform Event whose name ends in __e")]
    [InlineData("event Order", "`Order` is not right here: it names a Platform Event whose name ends in __e")]
    [InlineData("event A__e B__e", "`A__e B__e` is not right here")]
    [InlineData("change AccountChangeEvent", "not its change event")]
    [InlineData("channel event/X", "a path that starts with /")]
    [InlineData("channel /event/*", "a path that starts with /")]
    [InlineData("callout a/b", "names a path segment")]
    [InlineData("table contact", "names a table with its schema")]
    [InlineData("webhook release!", "names a Heroku webhook entity")]
    [InlineData("cron */5 * * * *", "six or seven fields, seconds first")]
    [InlineData("cron 0 */5 * * * ? Europe/Berlin now", "six or seven fields, seconds first")]
    [InlineData("every 5", "`5` is no duration")]
    [InlineData("every 0s", "`0s` is out of range; write 1s to 366d")]
    [InlineData("every 99999999999d", "is no duration")]
    [InlineData("soql select Id from Account", "an interval, a colon and a query")]
    [InlineData("soql 5 minutes: select Id from Account", "`5 minutes` is no duration")]
    [InlineData("result order-accepted", "names another route")]
    [InlineData("result of Order", "names another route")]
    [InlineData("alert all", "takes nothing after it")]
    public void A_text_that_names_no_source_says_what_to_write(string text, string advice) =>
        Should.Throw<FormatException>(() => SourceName.Parse(text)).Message.ShouldContain(advice);

    [Fact]
    public void A_name_too_long_for_an_index_is_refused() =>
        Should.Throw<FormatException>(() => SourceName.Parse($"soql 5m: select {new string('ü', 1000)} from Account"))
            .Message.ShouldContain("longer than 2000 bytes");

    [Theory]
    [InlineData("change Account", RouteNulls.Omit)]
    [InlineData("topic T", RouteNulls.Omit)]
    [InlineData("table a.b", RouteNulls.Omit)]
    [InlineData("event A__e", RouteNulls.Clear)]
    public void Null_columns_are_left_out_where_payloads_hold_only_changes(string text, RouteNulls nulls) =>
        SourceName.Parse(text).DefaultNulls.ShouldBe(nulls);
}
