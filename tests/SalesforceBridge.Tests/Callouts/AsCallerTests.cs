using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Callouts;

/// <summary>A route with <c>as: caller</c> writes into the org as whoever called, over the whole way.</summary>
public sealed class AsCallerTests
{
    private const string Key = "a key of the test, 0123456789";
    private const string Ann = "ann@example.com", Bob = "bob@example.com";

    private const string AsCaller = """
        -- on: callout orders
        -- do: update Order__c
        -- as: caller
        -- retry: 2 from 10ms to 10ms
        select payload->'record'->>'Id' as "Id", payload->'record'->>'Note__c' as "Note__c" from message
        """;

    private const string Plain = "-- on: callout plain\nselect 1 from message";

    [Fact]
    public async Task The_org_sees_the_user_who_called()
    {
        await using CalloutCaller apex = await StartAsync();
        await using TestHost worker = await apex.Bridge.RunAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string order = org.Create("Order__c", new { Amount__c = 1 }, asUser: Bob);

        CalloutAnswer answer = await PostAsync(apex, order, org.OpenSession(Ann));
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.outcome");

        answer.Status.ShouldBe(202, answer.Body);
        org.Query("select LastModifiedBy.Username from Order__c")[0].GetProperty("LastModifiedBy").GetProperty("Username").GetString().ShouldBe(Ann);
        org.Read("Order__c", order)!.Value.GetProperty("Note__c").GetString().ShouldBe("noted");
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task A_user_who_comes_through_AppLink_brings_the_session()
    {
        await using CalloutCaller apex = await StartAsync();
        await using TestHost worker = await apex.Bridge.RunAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string order = org.Create("Order__c", new { Amount__c = 1 });

        CalloutAnswer answer = await apex.SendAsync(Request(order).With("x-client-context", Context(org.OpenSession(Bob), org.OrgId)));
        CalloutAnswer foreign = await apex.SendAsync(Request(order).With("X-Api-Key", CalloutCaller.Secret).With("x-client-context", Context(org.OpenSession(Bob), "00D000000000009AAA")));
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.outcome");

        (answer.Status, foreign.Status, foreign.Error).ShouldBe((202, 401, "no_session"));
        org.Ledger.Writes.Single().User.ShouldBe(Bob);
    }

    [Fact]
    public async Task Two_callers_in_one_batch_make_two_calls()
    {
        await using CalloutCaller apex = await StartAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string one = org.Create("Order__c", new { Amount__c = 1 }), two = org.Create("Order__c", new { Amount__c = 2 });
        await PostAsync(apex, one, org.OpenSession(Ann));
        await PostAsync(apex, two, org.OpenSession(Bob));

        await using TestHost worker = await apex.Bridge.RunAsync();
        await apex.Bridge.UntilAsync("select count(*) = 2 from bridge.outcome");

        org.Ledger.Writes.Select(write => (write.User, write.Id)).ShouldBe([(Ann, one), (Bob, two)]);
        org.Ledger.Writes.Select(write => write.Call).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_brings_no_session_of_the_org_is_refused_and_leaves_nothing()
    {
        await using CalloutCaller apex = await StartAsync();
        await using SimulatedOrg other = await SimulatedOrg.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        string ended = apex.Bridge.Org.OpenSession(Ann);
        apex.Bridge.Org.EndSession(ended);
        HttpRequestMessage Admitted() => Request("a00000000000001").With("X-Api-Key", CalloutCaller.Secret);

        (await apex.SendAsync(Admitted())).ShouldSatisfyAllConditions(
            none => (none.Status, none.Error).ShouldBe((401, "no_session")),
            none => none.Message.ShouldBe(
                "A route on this callout acts as its caller, and no session came. Send the session id of the user (UserInfo.getSessionId()) as X-Bridge-Session."));
        foreach (string session in (string[])["forged", "", "00DSM0000000001!AQ line", ended, other.OpenSession(Ann), new string('x', 9000)])
        {
            CalloutAnswer answer = await apex.SendAsync(Admitted().With("X-Bridge-Session", session));
            (answer.Status, answer.Error).ShouldBe((401, "no_session"), session);
        }

        (await apex.SendAsync(Admitted().With("x-client-context", "not base64"))).Error.ShouldBe("no_session");
        (await apex.CountAsync()).ShouldBe(0);
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(0);
    }

    [Fact]
    public async Task A_session_admits_nobody_and_the_org_is_not_asked_for_strangers()
    {
        await using CalloutCaller apex = await StartAsync();

        CalloutAnswer answer = await apex.SendAsync(Request("a00000000000001").With("X-Bridge-Session", apex.Bridge.Org.OpenSession(Ann)));

        (answer.Status, answer.Error).ShouldBe((401, "unauthorized"));
        apex.Bridge.Org.Ledger.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_org_is_asked_once_in_five_minutes()
    {
        var clock = new OffsetClock();
        await using CalloutCaller apex = await StartAsync(change: services => clock.Replace(services));
        string session = apex.Bridge.Org.OpenSession(Ann);
        await PostAsync(apex, "a00000000000001", session);
        int asked = Asked(apex);

        await PostAsync(apex, "a00000000000001", session);
        Asked(apex).ShouldBe(asked);
        clock.Offset = TimeSpan.FromMinutes(5.1);
        await PostAsync(apex, "a00000000000001", session);

        Asked(apex).ShouldBeGreaterThan(asked);
    }

    [Fact]
    public async Task While_the_org_cannot_be_asked_the_caller_is_told_to_come_again()
    {
        await using CalloutCaller apex = await StartAsync();
        string session = apex.Bridge.Org.OpenSession(Ann);
        apex.Bridge.Org.Faults.Add(new Fault.Unavailable(FaultTarget.Token));

        CalloutAnswer away = await PostAsync(apex, "a00000000000001", session);
        apex.Bridge.Org.Faults.Clear();

        (away.Status, away.Error).ShouldBe((503, "org_away"), away.Body);
        away.RetryAfter.ShouldNotBeNull();
        (await PostAsync(apex, "a00000000000001", session)).Status.ShouldBe(202);
        (await apex.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_is_a_dead_letter_and_the_lane_goes_on_without_a_new_login()
    {
        await using CalloutCaller apex = await StartAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string order = org.Create("Order__c", new { Amount__c = 1 }), session = org.OpenSession(Ann);
        await PostAsync(apex, order, session);
        await PostAsync(apex, order, org.OpenSession(Bob));
        org.EndSession(session);
        int logins = Logins(org);

        await using TestHost worker = await apex.Bridge.RunAsync();
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.outcome");

        (await apex.Bridge.Database.ColumnAsync<string>("select code || ': ' || error from bridge.failure where state = 'dead'"))
            .ShouldHaveSingleItem().ShouldMatch("^caller expired: The org does not take the session of 005[^ ]+ any more: it ended. Have the caller send it again");
        org.Ledger.Writes.Single().User.ShouldBe(Bob);
        Logins(org).ShouldBe(logins + 1, "the worker's own first one");
        (await apex.Bridge.Database.ScalarAsync<bool>("select stopped is null from bridge.cursor where name like 'lane %'")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_right_that_one_caller_lacks_does_not_stop_the_others()
    {
        await using CalloutCaller apex = await StartAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string order = org.Create("Order__c", new { Amount__c = 1 });
        org.Faults.Add(new Fault.HiddenField("Order__c", "Note__c") { User = Ann });
        await PostAsync(apex, order, org.OpenSession(Ann));
        await PostAsync(apex, order, org.OpenSession(Bob));

        await using TestHost worker = await apex.Bridge.RunAsync();
        await apex.Bridge.UntilAsync("select count(*) = 1 from bridge.outcome");

        (await apex.Bridge.Database.ColumnAsync<string>("select code || ': ' || error from bridge.failure where state = 'dead'"))
            .ShouldHaveSingleItem().ShouldMatch("^INVALID_FIELD: As 005[^ ]+: ");
        (await apex.Bridge.Database.ScalarAsync<bool>("select stopped is null from bridge.cursor where name like 'lane %'")).ShouldBeTrue();
        org.Query("select LastModifiedBy.Username from Order__c")[0].GetProperty("LastModifiedBy").GetProperty("Username").GetString().ShouldBe(Bob);
    }

    [Fact]
    public async Task The_session_lies_nowhere_in_the_clear()
    {
        await using CalloutCaller apex = await StartAsync();
        SimulatedOrg org = apex.Bridge.Org;
        string ann = org.OpenSession(Ann), bob = org.OpenSession(Bob);
        await PostAsync(apex, "no id", ann, key: "k1");
        await PostAsync(apex, "no id", bob);
        org.EndSession(bob);

        await using TestHost worker = await apex.Bridge.RunAsync();
        await apex.Bridge.UntilAsync("select count(*) = 2 from bridge.failure where state = 'dead'");

        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(2, "dead letters may be redriven");
        IEnumerable<string> everything = [.. await TextsOfAsync(apex.Bridge), .. apex.Log, .. worker.Lines];
        everything.ShouldContain(text => text.Contains("noted", StringComparison.Ordinal));
        foreach (string secret in (string[])[ann, bob, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(ann)), Convert.ToBase64String(Encoding.UTF8.GetBytes(ann)), Key])
            everything.ShouldAllBe(text => !text.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeated_call_is_answered_with_the_first_ids_under_a_new_session_too()
    {
        await using CalloutCaller apex = await StartAsync();

        CalloutAnswer first = await PostAsync(apex, "a00000000000001", apex.Bridge.Org.OpenSession(Ann), key: "k1");
        CalloutAnswer second = await PostAsync(apex, "a00000000000001", apex.Bridge.Org.OpenSession(Ann), key: "k1");

        second.ShouldBe(first);
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1);
    }

    [Theory]
    [InlineData("-- enabled: no\n")]
    [InlineData(null)]
    public async Task Where_no_enabled_route_acts_as_its_caller_a_session_is_not_even_looked_at(string? disabled)
    {
        await using CalloutCaller apex = await StartAsync(disabled is null ? AsCaller.Replace("-- as: caller\n", "") : disabled + AsCaller);

        CalloutAnswer answer = await PostAsync(apex, "a00000000000001", "forged");

        answer.Status.ShouldBe(202, answer.Body);
        apex.Bridge.Org.Ledger.Calls.ShouldBeEmpty();
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where caller is null")).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_key_the_route_does_not_start_its_callers_must_wait_and_other_routes_run()
    {
        await using CalloutCaller apex = await StartAsync(hasKey: false);
        await using TestHost worker = await apex.Bridge.RunAsync();
        const string Fault = "as-caller.sql: `as: caller` keeps callers' sessions, encrypted, and BRIDGE_ENCRYPTION_KEY is not set; set it, like: openssl rand -hex 32";

        CalloutAnswer refused = await PostAsync(apex, "a00000000000001", apex.Bridge.Org.OpenSession(Ann));
        CalloutAnswer taken = await apex.PostAsync("{}", name: "plain");

        (refused.Status, refused.Error).ShouldBe((503, "route_unfit"), refused.Body);
        refused.RetryAfter.ShouldNotBeNull();
        taken.Status.ShouldBe(202, taken.Body);
        await worker.LogLineAsync("BRIDGE_ENCRYPTION_KEY is not set");
        await apex.Bridge.UntilAsync("select position <> '0' from bridge.cursor where name = 'route plain on callout plain'");
        CommandLine check = await CommandLine.RunAsync(apex.Bridge.Vars, "routes", "check");
        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain($"fail  {Fault}");
        (await CommandLine.RunAsync(apex.Bridge.Vars, "doctor")).Output.ShouldContain($"fail  routes: {Fault}");
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where source = 'callout orders'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_route_can_be_tried_and_checked_without_any_session()
    {
        await using CalloutCaller apex = await StartAsync();
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"record":{"Id":"a00000000000001","Note__c":"x"}}""", TestContext.Current.CancellationToken);

        CommandLine tried = await CommandLine.RunAsync(apex.Bridge.Vars, "routes", "try", "as-caller", "--payload", file);
        File.Delete(file);

        tried.ShouldSucceed().Output.ShouldContain("update Order__c");
        (await CommandLine.RunAsync(apex.Bridge.Vars, "routes", "check")).ShouldSucceed();
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(0);
    }

    private static async Task<CalloutCaller> StartAsync(
        string route = AsCaller, bool hasKey = true, Action<IServiceCollection>? change = null)
    {
        Bridge bridge = (await Bridge.StartAsync()).WithRoute("as-caller", route).WithRoute("plain", Plain);
        return await CalloutCaller.OnAsync(hasKey ? bridge.WithVar("BRIDGE_ENCRYPTION_KEY", Key) : bridge, change: change);
    }

    private static HttpRequestMessage Request(string id) => CalloutCaller.Request($$"""{"Id":"{{id}}","Note__c":"noted"}""");

    private static Task<CalloutAnswer> PostAsync(CalloutCaller apex, string id, string session, string? key = null)
    {
        HttpRequestMessage request = Request(id).With("X-Api-Key", CalloutCaller.Secret).With("X-Bridge-Session", session);
        return apex.SendAsync(key is null ? request : request.With("Idempotency-Key", key));
    }

    private static string Context(string token, string orgId) => Convert.ToBase64String(
        JsonSerializer.SerializeToUtf8Bytes(new { accessToken = token, orgId, orgDomainUrl = "https://evil.example.com" }));

    private static int Asked(CalloutCaller apex) => apex.Bridge.Org.Ledger.Calls.Count(call => call.Kind == ApiCallKind.Identity);

    private static int Logins(SimulatedOrg org) => org.Ledger.Calls.Count(call => call.Kind == ApiCallKind.Token);

    private static async Task<IReadOnlyList<string>> TextsOfAsync(Bridge bridge)
    {
        List<string> texts = [];
        foreach (string table in await bridge.Database.ColumnAsync<string>("select tablename::text from pg_tables where schemaname = 'bridge'"))
            texts.AddRange(await bridge.Database.ColumnAsync<string>($"select t::text from bridge.{table} t"));
        return texts;
    }
}
