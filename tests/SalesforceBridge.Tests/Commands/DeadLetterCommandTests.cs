using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class DeadLetterCommandTests
{
    private const string Kept = """
        -- on:    event Order_Placed__e
        -- from:  earliest
        -- key:   payload->>'Order_Id__c'
        -- retry: 1
        insert into kept select (payload->>'Order_Id__c')::int from message
        """;

    [Fact]
    public async Task A_dead_letter_is_listed_shown_redriven_and_done()
    {
        await using Bridge bridge = await StartWithDeadLettersAsync("17", "eighteen");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");
        long id = await bridge.Database.ScalarAsync<long>("select id from bridge.failure");

        CommandLine list = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "list", "route", "kept")).ShouldSucceed();
        CommandLine shown = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "show", "route", "kept", $"{id}")).ShouldSucceed();
        await bridge.Database.ExecuteAsync($"update bridge.inbox set payload = '{{\"Order_Id__c\":\"18\"}}' where id = {id}");
        CommandLine redriven = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "redrive", "route", "kept", $"{id}")).ShouldSucceed();

        list.Output.ShouldContain("route kept  ");
        list.Output.ShouldContain("22P02: invalid input syntax for type integer: \"eighteen\"");
        shown.Output.ShouldEndWith("""{"Order_Id__c": "eighteen"}""");
        redriven.Output.ShouldBe("route kept: 1 are tried again by the worker. Out of order: later messages with the same key have gone on before 1 of them.");
        await bridge.UntilAsync("select sum(id) = 35 from kept");
        await bridge.UntilAsync("select not exists (select from bridge.failure)");
    }

    [Fact]
    public async Task All_dead_letters_of_every_route_are_discarded_at_once()
    {
        await using Bridge bridge = await StartWithDeadLettersAsync("one", "two", "three");
        await using (await bridge.RunAsync())
            await bridge.UntilAsync("select count(*) = 3 from bridge.failure where state = 'dead'");

        CommandLine discarded = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "discard", "--all")).ShouldSucceed();

        discarded.Output.ShouldBe("route kept: 3 are discarded.");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "list")).ShouldSucceed().Output.ShouldBe("There are no dead letters.");
    }

    [Fact]
    public async Task What_can_never_run_is_told_apart_at_a_redrive()
    {
        await using Bridge bridge = await StartWithDeadLettersAsync("\\u0000");
        await using (await bridge.RunAsync())
            await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");

        CommandLine redriven = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "redrive", "--all")).ShouldSucceed();

        redriven.Output.ShouldBe("route kept: 0 are tried again by the worker. 1 can never run, as their error says; they can only be discarded.");
    }

    [Fact]
    public async Task A_choice_that_means_nothing_is_refused_in_a_line()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "redrive")).ShouldRefuse("Say which: route NAME or lane NAME with ids, or --all.");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "discard", "lane", "kept", "12"))
            .ShouldRefuse("There are no such dead letters of lane kept: see `bridge dead-letters list`.");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "discard", "kept", "12"))
            .ShouldRefuse("`kept 12` names no dead letters. Write route NAME or lane NAME, and then ids, as `bridge dead-letters list` shows them.");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "show", "route", "kept", "twelve"))
            .ShouldRefuse("`twelve` is no id; `bridge dead-letters list` shows them.");
    }

    private static async Task<Bridge> StartWithDeadLettersAsync(params string[] orders)
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table kept (id int)");
        bridge.WithRoute("kept", Kept);
        foreach (string order in orders)
            await bridge.StoreAsync("event Order_Placed__e", $$"""{"Order_Id__c":"{{order}}"}""");
        return bridge;
    }
}
