using System.Text.Json;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class InboxCommandTests
{
    private const string Event = "event Order_Placed__e";

    [Fact]
    public async Task Messages_are_listed_newest_first_across_sources_and_by_filter()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        long first = await bridge.StoreAsync(Event, """{"n":1}""");
        long second = await bridge.StoreAsync("change Account", """{"n":2}""");
        long third = await bridge.StoreAsync(Event, """{"n":"\u0000"}""");

        (await IdsAsync(bridge)).ShouldBe([third, second, first]);
        (await IdsAsync(bridge, "--source", Event)).ShouldBe([third, first]);
        (await IdsAsync(bridge, "--before", $"{third}", "--limit", "1")).ShouldBe([second]);
        (await IdsAsync(bridge, "--faulty")).ShouldBe([third]);
        (await CommandLine.RunAsync(bridge.Vars, "messages", "list", "--key", "nobody")).ShouldSucceed().Output.ShouldBe("There are no such messages.");
    }

    [Fact]
    public async Task A_message_is_shown_with_its_payload_or_with_what_came_and_why_it_cannot_be_read()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        long whole = await bridge.StoreAsync(Event, """{"Amount__c":250}""");
        long faulty = await bridge.StoreAsync(Event, """{"Amount__c":"\u0000"}""");

        CommandLine shown = (await CommandLine.RunAsync(bridge.Vars, "messages", "show", $"{whole}")).ShouldSucceed();
        CommandLine raw = (await CommandLine.RunAsync(bridge.Vars, "messages", "show", $"{faulty}")).ShouldSucceed();
        JsonElement json = (await CommandLine.RunAsync(bridge.Vars, "messages", "show", $"{whole}", "--json")).ShouldSucceed().Json;

        shown.Output.ShouldStartWith($"message {whole} of {Event}\nreceived  ");
        shown.Output.ShouldEndWith("{\n  \"Amount__c\": 250\n}");
        raw.Output.ShouldContain("\nfault     ");
        raw.Output.ShouldContain("u0000");
        json.GetProperty("payload").GetProperty("Amount__c").GetInt32().ShouldBe(250);
        (await CommandLine.RunAsync(bridge.Vars, "messages", "show", "4711"))
            .ShouldRefuse("There is no message 4711, or it is no longer kept: see `bridge messages list`.");
    }

    [Fact]
    public async Task Sources_tell_position_last_message_gaps_and_alerts()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.StoreAsync(Event, "{}");
        await bridge.Database.ExecuteAsync($"""
            update bridge.cursor set position = '4711' where name = '{Event}';
            insert into bridge.gap (source, why) values ('{Event}', 'lost');
            insert into bridge.alert (name, what) values ('gap in {Event}', 'lost'), ('{Event} refused', 'not allowed'), ('change Account refused', 'another');
            """);

        CommandLine text = (await CommandLine.RunAsync(bridge.Vars, "sources")).ShouldSucceed();
        JsonElement source = (await CommandLine.RunAsync(bridge.Vars, "sources", "--json")).ShouldSucceed().Json.EnumerateArray().Single();

        text.Output.ShouldMatch($@"^SOURCE .*\n{Event}  4711      \d+ s ago +1     lost; not allowed$");
        source.GetProperty("gaps").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Status_shows_the_whole_bridge_on_one_screen()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select worker is not null from bridge.cursor where name = 'route order-accepted'");
        await bridge.Database.ExecuteAsync("insert into bridge.gap (source, why) values ('change Account', 'the org forgot')");

        CommandLine text = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        JsonElement json = (await CommandLine.RunAsync(bridge.Vars, "status", "--json")).ShouldSucceed().Json;

        text.Output.ShouldMatch(@"WORKERS\n  .* seen 0 s ago, holds \d+ cursors\nROUTES\n");
        text.Output.ShouldContain("\n  order-accepted: running\n");
        text.Output.ShouldContain("\nLANES\n  api-publish: open\n  order-accepted: open\nALERTS  none\nGAPS\n  1: change Account, noticed ");
        text.Output.ShouldMatch(@"STORAGE  \d+ MB of 400 MB\nAPI      \d+ of \d+ calls in 24 hours; budget 80%; the bridge made 1\n  command status: 1$");
        json.GetProperty("workers")[0].GetProperty("isAlive").GetBoolean().ShouldBeTrue();
    }

    private static async Task<IEnumerable<long>> IdsAsync(Bridge bridge, params string[] filter) =>
        (await CommandLine.RunAsync(bridge.Vars, ["messages", "list", "--json", .. filter])).ShouldSucceed()
        .Json.EnumerateArray().Select(message => message.GetProperty("id").GetInt64());
}
