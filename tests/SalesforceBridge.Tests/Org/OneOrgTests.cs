using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Testing.OutboundMessages;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;
using SalesforceBridge.Tests.OutboundMessages;

namespace SalesforceBridge.Tests.Org;

/// <summary>A database belongs to one org: what came from it never reaches another by itself.</summary>
public sealed class OneOrgTests
{
    private const string Other = "00D000000000001EAA";
    private const string Sends = "-- on: callout orders\n-- do: update Account\nselect payload->>'id' as \"Id\", 'new' as \"Name\" from message";
    private const string Hears = "-- on: event Order_Placed__e\ninsert into heard select payload->>'Order_Id__c' from message";
    private const string Polls = "-- on: soql 1s: select Id, Name from Account\ninsert into heard select payload->'record'->>'Id' from message";

    [Fact]
    public async Task The_first_org_that_a_worker_signs_in_to_is_kept()
    {
        await using Bridge bridge = await StartAsync();
        await using (TestHost worker = await bridge.RunAsync())
            await bridge.UntilAsync("select true from bridge.org");
        await using TestHost again = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        CommandLine show = (await CommandLine.RunAsync(bridge.Vars, "org", "show")).ShouldSucceed();
        CommandLine status = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();

        show.Output.ShouldMatch($"^The database belongs to org {bridge.Org.OrgId} since .*\nThe credentials are for org {bridge.Org.OrgId}\\.$");
        status.Output.ShouldStartWith($"ORG  {bridge.Org.OrgId}, since ");
    }

    [Fact]
    public async Task A_worker_of_another_org_does_nothing_says_so_and_starts_by_itself_after_a_rebind()
    {
        await using Bridge bridge = await StartAsync();
        await BindToOtherAsync(bridge);
        string account = bridge.Org.Create("Account", new { Name = "old" });
        await using TestHost all = await bridge.RunAsync(ProcessRole.All);
        using Browser browser = all.Browse();
        await bridge.UntilAsync("select true from bridge.cursor where name = 'route sends on callout orders'");
        await bridge.StoreAsync("callout orders", $$"""{"id":"{{account}}"}""");

        await bridge.UntilAsync("select count(*) = 1 from bridge.outbox");
        await bridge.UntilAsync("select count(*) = 4 from bridge.cursor where worker is not null and (name in ('lane sends', 'streams', 'route sends') or name like 'soql%')");
        await bridge.UntilAsync("select what like 'Nothing is subscribed, polled or delivered. The credentials are for org %' from bridge.alert where name = 'other org'");
        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");
        CommandLine status = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        CommandLine show = await CommandLine.RunAsync(bridge.Vars, "org", "show");
        string org = await CheckAsync(browser, "org", "degraded");

        bridge.Org.StreamingSessions.ShouldBeEmpty();
        bridge.Org.Ledger.Calls.Where(call => call.Kind is not (ApiCallKind.Token or ApiCallKind.Identity or ApiCallKind.Limits)).ShouldBeEmpty();
        org.ShouldBe("The credentials are for another org than the one that this database belongs to. Correct them, or run: bridge org rebind");
        string cure = $"Correct the credentials; or, if it is to serve the other org from now on: bridge org rebind {bridge.Org.OrgId}.";
        doctor.Output.ShouldContain($"fail  org: the credentials are for org {bridge.Org.OrgId} and this database belongs to org {Other}. {cure}");
        status.Output.ShouldContain("other org, since ");
        all.Lines.Count(line => line.Contains("Nothing is subscribed", StringComparison.Ordinal)).ShouldBe(1);
        status.Output.ShouldContain(cure);
        show.ExitCode.ShouldBe(1);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);

        CommandLine rebound = (await CommandLine.RunAsync(bridge.Vars, "org", "rebind", "--yes")).ShouldSucceed();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);
        await bridge.StoreAsync("callout orders", $$"""{"id":"{{account}}"}""");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome");

        rebound.Output.ShouldContain($"The database belongs to org {bridge.Org.OrgId} now and not to {Other} any more.");
        rebound.Output.ShouldContain("1 deliveries that were open are dead letters");
        (await bridge.Database.ColumnAsync<string>("select cursor || ' ' || state || ' ' || code from bridge.failure")).ShouldBe(["lane sends dead other org"]);
        bridge.Org.Ledger.Writes.ShouldHaveSingleItem();
        await bridge.UntilAsync("select not exists (select from bridge.alert where name = 'other org')");
        await CheckAsync(browser, "org", "ready");
    }

    [Fact]
    public async Task Of_two_workers_with_different_orgs_one_wins()
    {
        await using Bridge bridge = await StartAsync();
        await using SimulatedOrg second = await SimulatedOrg.StartAsync(
            new SimulatorOptions { SchemaYaml = OtherSchema(), PollTimeout = TimeSpan.FromSeconds(2) }, TestContext.Current.CancellationToken);
        ConfigVars othersVars = bridge.Vars.With("SALESFORCE_LOGIN_URL", second.Url.ToString());

        Task<TestHost>[] starting =
        [
            bridge.RunAsync(),
            TestHost.StartAsync(ProcessRole.Worker, othersVars, services => services.AddSingleton(Bridge.Quick)),
        ];
        TestHost[] workers = await Task.WhenAll(starting);
        await bridge.UntilAsync("select true from bridge.alert where name = 'other org'");
        string winner = await bridge.Database.ScalarAsync<string>("select id from bridge.org");
        SimulatedOrg loser = winner == second.OrgId ? bridge.Org : second;

        new[] { bridge.Org.OrgId, second.OrgId }.ShouldContain(winner);
        loser.StreamingSessions.ShouldBeEmpty();
        loser.Ledger.Calls.ShouldAllBe(call => call.Kind == ApiCallKind.Token);
        foreach (TestHost worker in workers)
            await worker.DisposeAsync();
    }

    [Fact]
    public async Task A_token_that_turns_out_to_be_for_another_org_stops_what_runs_until_the_org_is_right_again()
    {
        await using Bridge bridge = await StartAsync();
        var refreshed = new Refreshing();
        await using TestHost worker = await bridge.RunAsync(change: refreshed.Replace);
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        refreshed.OrgId = Other;
        bridge.Org.Faults.Add(new Fault.ExpiredToken { Times = 1 });
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = "a01" });
        await bridge.UntilAsync("select true from bridge.alert where name = 'other org'");
        await bridge.UntilOrgAsync(org => org.StreamingSessions.All(session => !session.IsPolling));
        await bridge.StoreAsync("callout orders", $$"""{"id":"{{bridge.Org.Create("Account", new { Name = "old" })}}"}""");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outbox");
        bridge.Org.Ledger.Writes.ShouldBeEmpty();

        refreshed.OrgId = null;
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome");
        await bridge.UntilAsync("select exists (select from heard where what = 'a01')");
        await bridge.UntilAsync("select not exists (select from bridge.alert where name = 'other org')");
    }

    [Fact]
    public async Task A_given_token_is_asked_which_org_it_is_for()
    {
        await using Bridge bridge = await StartAsync();
        ConfigVars vars = bridge.Vars.With("SALESFORCE_ACCESS_TOKEN", bridge.Org.OpenSession("bridge@example.com")).With("SALESFORCE_INSTANCE_URL", bridge.Org.Url.ToString());
        await using TestHost worker = await TestHost.StartAsync(ProcessRole.Worker, vars, services => services.AddSingleton(Bridge.Quick));

        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        (await bridge.Database.ScalarAsync<string>("select id from bridge.org")).ShouldBe(bridge.Org.OrgId);
    }

    [Fact]
    public async Task Nothing_is_published_to_another_org()
    {
        await using Bridge bridge = await StartAsync();
        await BindToOtherAsync(bridge);

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars, "{}", ["publish", "Order_Placed__e", "--payload", "-"]);

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldStartWith($"Nothing is published. The credentials are for org {bridge.Org.OrgId} and this database belongs to org {Other}.");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_loaded_from_another_org()
    {
        await using Bridge bridge = await StartAsync();
        bridge.Org.Create("Account", new { Name = "a" });
        await using (TestHost worker = await bridge.RunAsync())
            await bridge.UntilAsync("select true from bridge.cursor where name like 'soql%' and position is not null");
        await bridge.Database.ExecuteAsync($"update bridge.org set id = '{Other}'; truncate bridge.inbox");

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars, "backfill", "polls");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldStartWith($"Nothing is loaded. The credentials are for org {bridge.Org.OrgId} and this database belongs to org {Other}.");
        (await bridge.Database.ScalarAsync<long>("select (select count(*) from bridge.inbox) + (select count(*) from bridge.backfill)")).ShouldBe(0);
    }

    [Fact]
    public async Task Outbound_messages_of_another_org_are_refused()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await bridge.Database.ExecuteAsync($"insert into bridge.org (id) values ('{SoapEnvelope.OrgId}')");
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using Browser browser = web.Browse();
        await CheckAsync(browser, "schema", "ready");
        using var org = new Sender(web);

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();
        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04lX")) { Header = SoapEnvelope.HeaderOf(SoapEnvelope.OtherOrgId) }))
            .ShouldRefuse(403, "Client", $"This database belongs to another org than {SoapEnvelope.OtherOrgId}");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1);
    }

    [Theory]
    [InlineData("Say to which org: bridge org rebind 00D..., or --yes for the one that the credentials are for. Deliveries that are open become dead letters, and sources begin anew with a gap.")]
    [InlineData("`001` is no org's id. It has the 15 or 18 characters that Setup, Company Information shows, and begins with 00D.", "001")]
    [InlineData("SALESFORCE_ORG_ID is 00D000000000001, which allows no other org: change it to 00D000000000002EAA first.", "00D000000000002")]
    public async Task A_rebind_that_does_not_say_what_it_means_is_refused(string why, params string[] arguments)
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_ORG_ID", Other[..15]), ["org", "rebind", .. arguments])).ShouldRefuse(why);
    }

    [Fact]
    public async Task A_rebind_to_the_same_org_changes_nothing()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await BindToOtherAsync(bridge);

        (await CommandLine.RunAsync(bridge.Vars, "org", "rebind", Other[..15])).ShouldSucceed().Output.ShouldBe($"The database belongs to org {Other} already; nothing was changed.");
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table heard (what text)");
        return bridge.WithRoute("sends", Sends).WithRoute("hears", Hears).WithRoute("polls", Polls);
    }

    private static Task BindToOtherAsync(Bridge bridge) => bridge.Database.ExecuteAsync($"insert into bridge.org (id) values ('{Other}')");

    private static string OtherSchema() => File.ReadAllText(Repository.PathOf("src/SalesforceBridge.Simulator/Schema/DefaultOrg.yaml")).Replace("00DSM0000000001", "00DSM0000000002");

    private static async Task<string> CheckAsync(Browser browser, string name, string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            (_, string report) = await browser.GetAsync("/readyz");
            if (JsonElement.Parse(report).GetProperty("checks").TryGetProperty(name, out JsonElement check) && check.GetProperty("status").GetString() == status)
                return check.TryGetProperty("why", out JsonElement why) ? $"{why}. {check.GetProperty("fix")}" : "";
            (await timer.WaitForNextTickAsync(limit.Token)).ShouldBeTrue(report);
        }
    }

    /// <summary>A sandbox that is refreshed: its tokens are for another org from some moment on.</summary>
    private sealed class Refreshing
    {
        public string? OrgId { get; set; }

        public void Replace(IServiceCollection services) => services.AddSingleton(provider => new BoundTokens(
            new Tokens(provider.GetRequiredService<OAuthTokenSource>(), this), provider.GetRequiredService<OrgGuard>(), provider.GetRequiredService<TimeProvider>()));

        private sealed class Tokens(OAuthTokenSource tokens, Refreshing sandbox) : ITokenSource
        {
            public async ValueTask<AccessToken> GetAsync(CancellationToken ct) => Of(await tokens.GetAsync(ct));

            public async ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => Of(await tokens.RenewAsync(rejected, ct));

            private AccessToken Of(AccessToken token) => sandbox.OrgId is { } id ? token with { Identity = new OrgIdentity(id, token.Identity!.UserId) } : token;
        }
    }
}
