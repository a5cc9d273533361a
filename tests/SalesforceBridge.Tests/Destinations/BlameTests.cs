using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Destinations;

/// <summary>Whom an error of the org blames: one delivery, its lane, or every lane.</summary>
public sealed class BlameTests
{
    private static readonly string[] Lanes = ["one", "two", "three", "four", "five"];

    private static readonly Dictionary<string, Fault> OrgFaults = new()
    {
        ["REQUEST_LIMIT_EXCEEDED"] = new Fault.QuotaExceeded(QuotaKind.Daily),
        ["API_DISABLED_FOR_ORG"] = new Fault.RefusedCall(403, "API_DISABLED_FOR_ORG"),
        ["STORAGE_LIMIT_EXCEEDED"] = new Fault.RejectedItem("STORAGE_LIMIT_EXCEEDED"),
        ["STORAGE_LIMIT_EXCEEDED of a call"] = new Fault.RefusedCall(400, "STORAGE_LIMIT_EXCEEDED"),
    };

    public static TheoryData<string> OrgCodes => [.. OrgFaults.Keys];

    [Theory]
    [InlineData("FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    [InlineData("REQUIRED_FIELD_MISSING")]
    [InlineData("STRING_TOO_LONG")]
    [InlineData("DUPLICATE_VALUE")]
    [InlineData("DUPLICATES_DETECTED")]
    [InlineData("INVALID_CROSS_REFERENCE_KEY")]
    [InlineData("ENTITY_IS_DELETED")]
    public async Task What_is_wrong_with_one_record_is_a_failure_of_its_delivery(string code)
    {
        await using Bridge bridge = await StartAsync("one");
        bridge.Org.Faults.Add(new Fault.RejectedItem(code) { Times = 1 });
        await using TestHost worker = await bridge.RunAsync();

        await OrderAsync(bridge, "one", 3);
        await bridge.UntilAsync("select count(*) = 2 from bridge.outcome");

        (await bridge.Database.ColumnAsync<string>("select code || ' ' || state || ' ' || attempts from bridge.failure")).ShouldBe([$"{code} dead 1"]);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
    }

    [Theory]
    [InlineData(400, "INVALID_FIELD")]
    [InlineData(400, "INVALID_TYPE")]
    [InlineData(400, "INVALID_FIELD_FOR_INSERT_UPDATE")]
    [InlineData(403, "FUNCTIONALITY_NOT_ENABLED")]
    [InlineData(405, "METHOD_NOT_ALLOWED")]
    [InlineData(410, "UNSUPPORTED_API_VERSION")]
    [InlineData(415, "UNSUPPORTED_MEDIA_TYPE")]
    public async Task What_all_deliveries_of_a_lane_share_stops_it_alone_until_one_comes_through(int status, string code)
    {
        await using Bridge bridge = await StartAsync("one", "two");
        ActiveFault fault = bridge.Org.Faults.Add(new Fault.RefusedCall(status, code));
        await using TestHost worker = await bridge.RunAsync();
        await OrderAsync(bridge, "one", 3);
        await bridge.UntilAsync($"select stopped like '{code}%' from bridge.cursor where name = 'lane one'");
        await bridge.UntilAsync("select count(*) = 1 from bridge.alert where name = 'lane one stopped'");
        long probes = Saves(bridge);
        await bridge.UntilOrgAsync(_ => Saves(bridge) >= probes + 2);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        (await bridge.Database.ScalarAsync<bool>("select stopped is null from bridge.cursor where name = 'lane two'")).ShouldBeTrue();

        bridge.Org.Faults.Remove(fault.Id);
        await bridge.UntilAsync("select count(*) = 3 and max(attempts) = 1 from bridge.outcome");
        await bridge.UntilAsync("select not exists (select from bridge.alert)");
    }

    [Fact]
    public async Task An_external_id_field_that_is_not_there_stops_the_lane()
    {
        await using Bridge bridge = await StartAsync("one");
        bridge.WithRoute("one", "-- on: callout one\n-- do: upsert Order__c by Amount__c\nselect n as \"Amount__c\" from message, generate_series(1, (payload->>'n')::int) n");
        await using TestHost worker = await bridge.RunAsync();

        await OrderAsync(bridge, "one", 3);
        await bridge.UntilAsync("select stopped like '%Amount__c%' from bridge.cursor where name = 'lane one'");

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(OrgCodes))]
    public async Task What_the_org_refuses_everybody_holds_every_lane_and_one_call_looks_when_it_is_over(string what)
    {
        string code = what.Split(' ')[0];
        var time = new HeldTime();
        await using Bridge bridge = await StartAsync(Lanes);
        ActiveFault fault = bridge.Org.Faults.Add(OrgFaults[what]);
        await using TestHost worker = await RunAsync(bridge, time);

        // The first lane learns it.
        await OrderAsync(bridge, "one", 3);
        await worker.LogLineAsync($"lane one waits ({code})");
        foreach (string lane in Lanes[1..])
            await OrderAsync(bridge, lane, 3);
        foreach (string lane in Lanes[1..])
            await worker.LogLineAsync($"lane {lane} waits ({code})");
        Saves(bridge).ShouldBe(1);
        await bridge.UntilAsync($"select true from bridge.alert where name = 'org refuses' and what like '%{code}%'");

        // One call looks, and is refused again.
        time.Release();
        await bridge.UntilOrgAsync(_ => Saves(bridge) == 2);
        foreach (string lane in Lanes)
            await worker.LogLineAsync($"lane {lane} waits ({code})");
        Saves(bridge).ShouldBe(2);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);

        bridge.Org.Faults.Remove(fault.Id);
        await ReleaseUntilAsync(bridge, time, 15);
        await bridge.UntilAsync("select not exists (select from bridge.alert)");
        Saves(bridge).ShouldBe(2 + Lanes.Length);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task A_login_that_is_refused_is_tried_once_for_every_lane_and_again_when_its_time_has_come()
    {
        var time = new HeldTime();
        await using Bridge bridge = await StartAsync(Lanes);
        ActiveFault fault = bridge.Org.Faults.Add(new Fault.RefusedLogin("invalid_grant"));
        var logins = new HeldTime();
        await using TestHost worker = await RunAsync(bridge, time, services => services.AddSingleton(provider => new OAuthTokenSource(
            new OAuthGrant.ClientCredentials("sandbox-consumer-key", "sandbox-consumer-secret"), new OAuthSettings { LoginUrl = bridge.Org.Url, PauseAfterRefusal = TimeSpan.FromMinutes(15) },
            provider.GetRequiredService<HttpClient>(), logins, NullLogger<OAuthTokenSource>.Instance)));

        foreach (string lane in Lanes)
            await OrderAsync(bridge, lane, 3);
        foreach (string lane in Lanes)
            await worker.LogLineAsync($"lane {lane} waits (invalid_grant)");
        bridge.Org.Ledger.Count(ApiCallKind.Token).ShouldBe(1);
        Saves(bridge).ShouldBe(0);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        bridge.Org.Faults.Remove(fault.Id);
        logins.Leap(TimeSpan.FromMinutes(15));
        await ReleaseUntilAsync(bridge, time, 15);

        bridge.Org.Ledger.Count(ApiCallKind.Token).ShouldBe(2);
    }

    [Fact]
    public async Task One_record_that_makes_the_org_refuse_the_whole_call_is_found_and_the_others_are_made()
    {
        await using Bridge bridge = await StartAsync("one");
        bridge.WithRoute("one", """
            -- on: callout one
            -- do: create Order__c
            select case n when 77 then 'many' else n::text end as "Amount__c" from message, generate_series(1, (payload->>'n')::int) n
            """);
        await using TestHost worker = await bridge.RunAsync();

        await OrderAsync(bridge, "one", 200);
        await bridge.UntilAsync("select count(*) = 199 from bridge.outcome");
        await bridge.UntilAsync("select count(*) = 1 from bridge.failure");

        (await bridge.Database.ColumnAsync<string>("select f.code || ' ' || f.state || ' ' || (o.body->>'Amount__c') from bridge.failure f join bridge.outbox o using (id)"))
            .ShouldBe(["JSON_PARSER_ERROR dead many"]);
        bridge.Org.Query("select Id from Order__c").Count.ShouldBe(199);
        Saves(bridge).ShouldBeLessThan(20);
    }

    [Fact]
    public async Task What_makes_every_call_fail_and_might_not_stops_the_lane_before_what_waits_is_used_up()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("one", """
            -- on: callout one
            -- do: upsert Order__c by External_Id__c
            select 'A-' || n as "External_Id__c", n as "Amount__c" from message, generate_series(1, (payload->>'n')::int) n
            """);
        ActiveFault fault = bridge.Org.Faults.Add(new Fault.RefusedCall(500, "UNKNOWN_EXCEPTION"));
        await using TestHost worker = await bridge.RunAsync();

        await OrderAsync(bridge, "one", 30);
        await bridge.UntilAsync("select stopped like 'UNKNOWN_EXCEPTION: 20 deliveries in a row %' from bridge.cursor where name = 'lane one'");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        bridge.Org.Faults.Remove(fault.Id);

        await bridge.UntilAsync("select count(*) = 30 and max(attempts) = 1 from bridge.outcome");
        bridge.Org.Query("select Id from Order__c where External_Id__c like 'A-%'").Count.ShouldBe(30);
    }

    [Fact]
    public async Task Events_that_the_org_cannot_publish_now_wait_and_spend_no_try()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("one", "-- on: callout one\n-- do: publish Large_Order__e\nselect 'A' as \"Order_Id__c\", n as \"Amount__c\" from message, generate_series(1, (payload->>'n')::int) n");
        bridge.Org.Faults.Add(new Fault.RejectedItem("PLATFORM_EVENT_PUBLISHING_UNAVAILABLE") { Times = 5 });
        await using TestHost worker = await bridge.RunAsync();

        await OrderAsync(bridge, "one", 3);
        await bridge.UntilAsync("select count(*) = 3 and max(attempts) = 1 from bridge.outcome");

        worker.Lines.ShouldContain(line => line.Contains("lane one waits (PLATFORM_EVENT_PUBLISHING_UNAVAILABLE)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_lets_a_lane_go_on_that_many_refusals_have_stopped()
    {
        await using Bridge bridge = await StartAsync("one");
        bridge.WithRoute("one", """
            -- on: callout one
            -- do: create Order__c
            select -n as "Amount__c" from message, generate_series(1, (payload->>'n')::int) n
            """);
        await using TestHost worker = await bridge.RunAsync();
        await OrderAsync(bridge, "one", 50);
        await bridge.UntilAsync("select run_code is not null from bridge.cursor where name = 'lane one'");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure where state = 'dead'")).ShouldBe(0);

        CommandLine status = (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed();
        CommandLine accepted = (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "accept", "lane", "one", "--json")).ShouldSucceed();
        await bridge.UntilAsync("select count(*) = 50 from bridge.failure where state = 'dead'");

        status.Output.ShouldContain("one: stopped: FIELD_CUSTOM_VALIDATION_EXCEPTION: 20 deliveries in a row were refused with this code");
        status.Output.ShouldContain("`bridge dead-letters accept lane one` makes them dead letters, and the lane goes on.");
        accepted.Json.GetProperty("code").GetString().ShouldBe("FIELD_CUSTOM_VALIDATION_EXCEPTION");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "accept", "one")).ShouldRefuse("lane one is not stopped for many refusals in a row: see `bridge status`.");
        (await CommandLine.RunAsync(bridge.Vars, "dead-letters", "accept", "route", "one")).ShouldRefuse("`route one` names no lane. Write lane NAME, as `bridge status` shows it.");
    }

    // A lane may begin to wait just after the others were told to go on.
    private static async Task ReleaseUntilAsync(Bridge bridge, HeldTime time, int made)
    {
        using var ended = new CancellationTokenSource();
        Task releases = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!ended.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
                time.Release();
        }, CancellationToken.None);
        await bridge.UntilAsync($"select count(*) = {made} and max(attempts) = 1 from bridge.outcome");
        await ended.CancelAsync();
        await releases;
    }

    private static Task<TestHost> RunAsync(Bridge bridge, HeldTime time, Action<IServiceCollection>? change = null) => bridge.RunAsync(ProcessRole.Worker, services =>
    {
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton(new ApiPace { OrgProbe = TimeSpan.FromMinutes(15), Pause = TimeSpan.FromMilliseconds(20), Note = TimeSpan.FromMilliseconds(100) });
        change?.Invoke(services);
    });

    private static async Task<Bridge> StartAsync(params string[] lanes)
    {
        Bridge bridge = await Bridge.StartAsync();
        foreach (string lane in lanes)
            bridge.WithRoute(lane, $"-- on: callout {lane}\n-- do: create Order__c\nselect n as \"Amount__c\" from message, generate_series(1, (payload->>'n')::int) n");
        return bridge;
    }

    // What comes before a route has begun is not for it.
    private static async Task OrderAsync(Bridge bridge, string lane, int count)
    {
        await bridge.UntilAsync($"select true from bridge.cursor where name = 'route {lane} on callout {lane}'");
        await bridge.StoreAsync($"callout {lane}", $$"""{"n":{{count}}}""");
    }

    private static long Saves(Bridge bridge) => bridge.Org.Ledger.Calls.Count(call => call.Kind is ApiCallKind.Create or ApiCallKind.CollectionCreate);
}
