extern alias SandboxProgram;

using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;
using SandboxProgram::SalesforceBridge.Sandbox;
using SandboxProgram::SalesforceBridge.Sandbox.Check;
using SandboxProgram::SalesforceBridge.Sandbox.Live;

namespace SalesforceBridge.Tests.Sandbox;

public sealed class CheckTests
{
    [Fact]
    public async Task Faults_and_a_kill_break_no_promise_and_the_given_database_is_left_as_it_was()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        (bool kept, string output) = await CheckAsync(new CheckPlan(200, [.. Mishap.All.Take(3), .. OnWhatTheOrgSends], Kills: 1), new() { ["DATABASE_URL"] = database.Url });

        kept.ShouldBeTrue(output);
        output.ShouldContain("events that are in the inbox");
        (await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like '%bridge%' or nspname like '%sandbox%' or nspname = 'salesforce'")).ShouldBe(0);
        (await database.ScalarAsync<bool>("select to_regproc('public.get_xmlbinary') is null and not exists (select from pg_extension where extname = 'hstore')")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_database_that_Heroku_Connect_keeps_is_refused_and_left_alone()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("create schema salesforce");

        InvalidOperationException refusal = await Should.ThrowAsync<InvalidOperationException>(() =>
            CheckAsync(new CheckPlan(10, [], Kills: 0), new() { ["DATABASE_URL"] = database.Url }));

        refusal.Message.ShouldBe("DATABASE_URL names a database with a schema salesforce: Heroku Connect keeps it, or another sandbox. Name another database, or none.");
        (await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like '%bridge%' or nspname like '%sandbox%'")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_writes_of_a_record_in_one_second_are_two_callouts_and_no_repeat()
    {
        Mishap[] lostReplies = [.. Enumerable.Repeat(Mishap.All.Single(mishap => mishap.Fault is Fault.CutApiReply { Call: ApiCallKind.CollectionUpdate }), 4)];

        (bool kept, string output) = await CheckAsync(new CheckPlan(120, lostReplies, Kills: 0), [], new OneSecond());

        kept.ShouldBeTrue(output);
    }

    private static IEnumerable<Mishap> OnWhatTheOrgSends => Mishap.All.Where(mishap => mishap.Fault is Fault.DuplicateDelivery or Fault.LostReply);

    [Theory]
    [InlineData("order-accepted", "'Accepted' ", "'Rejected' ", "orders accepted in the org")]
    [InlineData("order-archived", "archive.events + 1", "archive.events + 2", "orders archived, each event exactly once")]
    [InlineData("large-order-alert", "as \"Amount__c\"", "+ 1 as \"Amount__c\"", "large orders alerted at least once")]
    [InlineData("account-mirrored", "fields->>'Phone'       else", "'none' else", "accounts mirrored, each change exactly once")]
    [InlineData("deal-booked", "booking.notifications + 1", "booking.notifications + 2", "won deals booked, each notification exactly once")]
    [InlineData("contact-numbered", "lpad(id::text, 8, '0')", "null", "contacts numbered, one pass round the loop")]
    [InlineData("contact-numbered", "payload->>'operation' = 'insert'", "payload->'old'->>'Badge__c' is null", "contacts numbered, one pass round the loop")]
    [InlineData("contact-followed", "payload->'record'->>'phone'", "null", "contacts whose changes in the org the app's route followed")]
    [InlineData("contact-refused", "payload->>'error'", "null", "edits that the org refused and a route of the app was told of once")]
    [InlineData("deal-confirmed", "payload->>'Description' is null", "(select coalesce(max(notifications), 0) from booking) < 3", "won deals confirmed, one pass round the loop")]
    public async Task A_route_that_does_something_else_is_found_out(string route, string right, string wrong, string promise)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        string routes = await CopyRoutesAsync(text => text.Replace("5 from 1s", "5 from 50ms"));
        string broken = Path.Combine(routes, $"{route}.sql");
        string text = await File.ReadAllTextAsync(broken);
        text.ShouldContain(right);
        await File.WriteAllTextAsync(broken, text.Replace(right, wrong));

        (bool kept, string output) = await CheckAsync(
            new CheckPlan(100, [], Kills: 0), new() { ["DATABASE_URL"] = database.Url, ["BRIDGE_ROUTES"] = routes });

        kept.ShouldBeFalse(output);
        output.Split('\n').ShouldContain(line => line.StartsWith(promise) && line.EndsWith("| NO"), output);
        Directory.Delete(routes, recursive: true);
    }

    private static async Task<string> CopyRoutesAsync(Func<string, string> change)
    {
        string routes = Directory.CreateTempSubdirectory("bridge-routes-").FullName;
        foreach (string file in Directory.GetFiles(Repository.PathOf("sql/routes"), "*.sql"))
            await File.WriteAllTextAsync(Path.Combine(routes, Path.GetFileName(file)), change(await File.ReadAllTextAsync(file)));
        return routes;
    }

    private static async Task<(bool Kept, string Output)> CheckAsync(CheckPlan plan, Dictionary<string, string> environment, TimeProvider? clock = null)
    {
        TimeProvider time = clock ?? TimeProvider.System;
        await using var output = new StringWriter();
        var screen = new Screen(output, isTerminal: false, time);
        bool kept = await new CheckRun(plan, screen, time).RunAsync(environment, TestContext.Current.CancellationToken);
        return (kept, output.ToString());
    }

    /// <summary>A clock on which waits last as long as ever, and it is always the same second.</summary>
    private sealed class OneSecond : TimeProvider
    {
        private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
