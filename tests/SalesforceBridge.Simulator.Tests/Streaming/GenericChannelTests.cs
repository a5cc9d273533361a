using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Streaming;

public sealed class GenericChannelTests
{
    [Fact]
    public async Task A_text_that_is_pushed_reaches_every_subscriber_and_can_be_replayed()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = (await driver.PostAsync("sobjects/StreamingChannel", new { Name = "/u/notes/Harbour" })).Id;
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        Answer unheard = await PushAsync(driver, id, new { payload = "nobody is here" });
        await bayeux.SubscribeAsync("/u/notes/Harbour", -2);
        Answer heard = await PushAsync(driver, id, new { payload = "Ship \"Vasa\" ahoy" });
        IReadOnlyList<JsonElement> told = await bayeux.ReceiveAsync(2);

        unheard.Text.ShouldBe("""[{"fanoutCount":0,"userOnlineStatus":{}}]""");
        heard.Text.ShouldBe("""[{"fanoutCount":-1,"userOnlineStatus":{}}]""");
        told.Select(message => message.Payload().GetString()).ShouldBe(["nobody is here", "Ship \"Vasa\" ahoy"]);
        told[0].GetProperty("channel").GetString().ShouldBe("/u/notes/Harbour");
        told[0].GetProperty("data").GetProperty("event").GetProperty("createdDate").GetString()!.ShouldEndWith("Z");
    }

    [Fact]
    public async Task A_text_may_be_for_some_users_only()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Query("select Id from StreamingChannel where Name = '/u/Notices'")[0].GetProperty("Id").GetString()!;
        string me = driver.Org.Query("select Id from User where Username = 'bridge@example.com'")[0].GetProperty("Id").GetString()!;
        string bob = driver.Org.Query("select Id from User where Username = 'bob@example.com'")[0].GetProperty("Id").GetString()!;
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/u/Notices", -1);

        Answer pushed = await PushAsync(driver, id, new { payload = "for Bob", userIds = new[] { bob } }, new { payload = "for both", userIds = new[] { bob, me } });
        Answer online = await driver.GetAsync($"sobjects/StreamingChannel/{id}/push");
        IReadOnlyList<JsonElement> told = await bayeux.ReceiveAsync(1);

        pushed.Json[0].GetProperty("fanoutCount").GetInt32().ShouldBe(0);
        pushed.Json[1].GetProperty("userOnlineStatus").GetRawText().ShouldBe($$"""{"{{bob}}":false,"{{me}}":true}""");
        online.Text.ShouldBe($$"""{"OnlineUserIds":["{{me}}"],"ChannelName":"/u/Notices"}""");
        told.Single().Payload().GetString().ShouldBe("for both");
    }

    [Theory]
    [InlineData("0M6SM0000000099AAA", "[]", 404, "NOT_FOUND")]
    [InlineData("001SM0000000001AAA", "[]", 400, "MALFORMED_ID")]
    [InlineData(null, "{}", 400, "JSON_PARSER_ERROR")]
    [InlineData(null, "[{}]", 400, "JSON_PARSER_ERROR")]
    [InlineData(null, """[{"payload":1}]""", 400, "JSON_PARSER_ERROR")]
    [InlineData(null, """[{"payload":"x","userIds":["nope"]}]""", 400, "MALFORMED_ID")]
    public async Task A_push_that_makes_no_sense_is_refused(string? id, string events, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        id ??= driver.Org.Query("select Id from StreamingChannel")[0].GetProperty("Id").GetString();

        Answer answer = await driver.PostAsync($"sobjects/StreamingChannel/{id}/push", $$"""{"pushEvents":{{events}}}""");

        answer.Status.ShouldBe(status);
        answer.ErrorCode.ShouldBe(code);
    }

    [Fact]
    public async Task A_text_of_more_than_3000_characters_is_refused_with_all_beside_it()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Query("select Id from StreamingChannel")[0].GetProperty("Id").GetString()!;
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();

        Answer long1 = await PushAsync(driver, id, new { payload = "short" }, new { payload = new string('x', 3001) });
        Answer longest = await PushAsync(driver, id, new { payload = new string('x', 3000) });
        await bayeux.SubscribeAsync("/u/Notices", -2);

        long1.ErrorCode.ShouldBe("STRING_TOO_LONG");
        longest.Status.ShouldBe(200);
        (await bayeux.ReceiveAsync(1)).Single().Payload().GetString()!.Length.ShouldBe(3000);
    }

    [Fact]
    public async Task A_channel_has_a_name_below_u()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PostAsync("sobjects/StreamingChannel", new { Name = "Harbour" })).ErrorCode.ShouldBe("FIELD_INTEGRITY_EXCEPTION");
    }

    private static Task<Answer> PushAsync(OrgDriver driver, string id, params object[] events) =>
        driver.PostAsync($"sobjects/StreamingChannel/{id}/push", new { pushEvents = events });
}
