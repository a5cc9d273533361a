using SalesforceBridge.Configuration;
using SalesforceBridge.HerokuConnect;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.HerokuConnect;

/// <summary>Heroku Connect's API is asked with care: the key goes to Heroku alone, and whatever it answers is one line at worst.</summary>
public sealed class ApiTests
{
    private const string Key = "HRKU-secret-of-the-test";
    private const string Connections = "https://hc-central.heroku.com/connections?app=my-app";
    private const string Detail = "https://connect-eu.heroku.com/api/v3/connections/c1?deep=true";

    private static readonly HerokuConnectSettings Settings = new(new Secret(Key), "my-app");

    [Fact]
    public async Task Connections_and_mappings_are_told_with_their_states_and_counts()
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With(Connections, """{"count": 1, "results": [{"id": "c1", "region_url": "https://connect-eu.heroku.com/", "resource_name": "herokuconnect-flat-1"}]}""")
            .With(Detail, """
                {"state": "IDLE", "schema_name": "org", "mappings": [
                    {"object_name": "Contact", "state": "RELOAD_TABLE", "access": "read_write", "counts": {"db": 120, "sf": 121, "pending": 3, "errors": 1}},
                    {"object_name": "My_Obj__c", "state": "DATA_SYNCED", "counts": {"db": null, "sf": "many"}},
                    {"object_name": null}, 7]}
                """);

        HerokuConnectHealth health = await AskAsync(heroku);

        health.Faults.ShouldBeEmpty();
        ConnectionHealth connection = health.Connections.ShouldHaveSingleItem();
        (connection.Name, connection.Schema, connection.State).ShouldBe(("herokuconnect-flat-1", "org", "IDLE"));
        connection.Mappings.ShouldBe([
            new MappingHealth("contact", "RELOAD_TABLE", "read_write", 120, 121, 3, 1), new MappingHealth("my_obj__c", "DATA_SYNCED", null, null, null, null, null)]);
        health.States().ShouldBe([(new MappedTable("org", "contact"), "RELOAD_TABLE"), (new MappedTable("org", "my_obj__c"), "DATA_SYNCED")]);
        heroku.Asked.ShouldBe([$"{Connections} Bearer {Key}", $"{Detail} Bearer {Key}"]);
    }

    [Theory]
    [InlineData("https://connect-eu.example.com/api/v3/connections/c1")]
    [InlineData("https://heroku.com.example.com/c1")]
    [InlineData("https://evilheroku.com/c1")]
    [InlineData("http://connect-eu.heroku.com/c1")]
    [InlineData("https://connect-eu.heroku.com:8443/c1")]
    [InlineData("https://user@connect-eu.heroku.com/c1")]
    [InlineData("https://connect-eu.heroku.com@example.com/c1")]
    [InlineData("https:\\\\\\\\example.com\\\\.heroku.com/c1")]
    [InlineData("/api/v3/connections/c1")]
    [InlineData("")]
    public async Task The_key_goes_to_no_address_but_https_at_Heroku(string address)
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With(Connections, $$"""{"results": [{"id": "c1", "resource_name": "flat-1", "detail_url": "{{address}}"}]}""");

        HerokuConnectHealth health = await AskAsync(heroku);

        health.Faults.ShouldBe(["flat-1 was not asked: Heroku Connect's API names an address for it that is not https at heroku.com"]);
        heroku.Asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(401, "", "hc-central.heroku.com refused HEROKU_API_KEY (401); make one with: heroku authorizations:create")]
    [InlineData(302, "https://example.com/", "hc-central.heroku.com answered with 302")]
    [InlineData(503, "<html>", "hc-central.heroku.com answered with 503")]
    [InlineData(200, "<html>", "hc-central.heroku.com answered with no JSON")]
    [InlineData(200, "[]", "hc-central.heroku.com answered with no JSON object")]
    [InlineData(200, "{}", "Heroku Connect's API answered without a list of connections")]
    [InlineData(200, """{"results": []}""", "Heroku Connect knows no connection of my-app that the owner of HEROKU_API_KEY may see; see docs/heroku-connect.md")]
    [InlineData(200, """{"results": [null]}""", "Heroku Connect's API answered with a connection that is none")]
    public async Task What_keeps_Heroku_from_telling_is_one_line(int status, string body, string fault)
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With(Connections, body, status);

        HerokuConnectHealth health = await AskAsync(heroku);

        health.Faults.ShouldBe([fault]);
        heroku.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_answer_is_waited_for_longer_than_five_seconds()
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With(Connections, "", status: 0);
        using HttpClient client = heroku.Client();

        HerokuConnectHealth health = await new HerokuConnectApi(client, new FastTime()).AskAsync(Settings, TestContext.Current.CancellationToken);

        health.Faults.ShouldBe(["hc-central.heroku.com did not answer within 5 s"]);
    }

    [Fact]
    public async Task Without_the_apps_name_nobody_is_asked()
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        using HttpClient client = heroku.Client();

        HerokuConnectHealth health = await new HerokuConnectApi(client, TimeProvider.System).AskAsync(Settings with { AppName = null }, TestContext.Current.CancellationToken);

        health.Faults.ShouldBe(["HEROKU_API_KEY is set and HEROKU_APP_NAME is not; run: heroku labs:enable runtime-dyno-metadata"]);
        heroku.Asked.ShouldBeEmpty();
    }

    private static async Task<HerokuConnectHealth> AskAsync(HerokuStub heroku)
    {
        using HttpClient client = heroku.Client();
        return await new HerokuConnectApi(client, TimeProvider.System).AskAsync(Settings, TestContext.Current.CancellationToken);
    }

    /// <summary>Five seconds are over in a moment.</summary>
    private sealed class FastTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == TimeSpan.FromSeconds(5) ? TimeSpan.FromMilliseconds(100) : dueTime, period);
    }
}
