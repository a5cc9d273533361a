using SalesforceBridge.Messaging;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

/// <summary>The doctor's whole screen. Each finding is made to fail in the folder Doctor.</summary>
public sealed class DoctorCommandTests
{
    [Fact]
    public async Task The_doctor_is_content_with_a_complete_app()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        await bridge.StoreAsync("event Order_Placed__e", "{}");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_ORG_ID", bridge.Org.OrgId[..15]), "doctor")).ShouldSucceed();

        doctor.Output.ShouldMatch($"""
            ^ok    config vars: can be used
            ok    credentials: are complete: ClientCredentials
            ok    database: 127\.0\.0\.1:\d+/{bridge.Database.Name} is PostgreSQL \d+
            ok    connections: \d+ of \d+ are in use
            ok    clock: this machine's agrees with the database's
            ok    schema: bridge exists, and this user may work with its tables
            ok    schema version: is {Migrations.Newest}
            ok    org: {bridge.Org.OrgId} gives ClientCredentials a token, as bridge@example\.com
            ok    token: by ClientCredentials, with the scopes api; expires in 1\d\d min and is renewed
            ok    api version: 62\.0; the org speaks 31\.0 to 68\.0
            ok    routes: 2 prepare, and the org has their objects and fields and lets the bridge write them
            ok    event Order_Placed__e: /event/Order_Placed__e can be subscribed; its last event came \d+ s ago
            ok    allocations: 0 of 50000 events delivered
            ok    allocations: \d of \d+ streaming clients
            ok    api budget: 3 of the 800000 calls of 24 hours that BRIDGE_API_BUDGET \(80%\) allows are used, and everybody made 3 of the org's 1000000$
            """);
    }

    [Fact]
    public async Task The_doctor_makes_one_call_for_all_limits_and_one_for_each_object()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted").WithExample("large-order-alert")
            .WithRoute("notes", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect payload->>'Order_Id__c' as \"Id\", 'x' as \"Note__c\" from message");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        // Order_Placed__e, Order__c and Large_Order__e.
        bridge.Org.Ledger.Count(ApiCallKind.Describe).ShouldBe(3);
        bridge.Org.Ledger.Count(ApiCallKind.Limits).ShouldBe(1);
        doctor.Output.ShouldContain("everybody made 4 of the org's 1000000");
        (await bridge.Database.ScalarAsync<long>("select sum(calls)::bigint from bridge.api_call where caller = 'command doctor'")).ShouldBe(4);
    }

    [Fact]
    public async Task The_doctor_names_every_fault_and_its_cure()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        CommandLine doctor = await CommandLine.RunAsync(ConfigVars.Fresh.With("DATABASE_URL", bridge.Database.Url).With("PORT", "x").With("LOG_LEVEL", "y"), "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  PORT: is 'x', not a port. Set a number");
        doctor.Output.ShouldContain("fail  LOG_LEVEL: is 'y', not a log level. Set debug");
        doctor.Output.ShouldContain("ok    database: 127.0.0.1:");
        doctor.Output.ShouldContain("ok    schema version: is ");
        doctor.Output.ShouldEndWith("\nwarn  routes and org: were not checked, since config vars are wrong. Correct them first.");
    }

    [Fact]
    public async Task The_doctor_speaks_json()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        CommandLine ill = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_CLIENT_SECRET", "").With("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d"), "doctor", "--json");
        CommandLine well = (await CommandLine.RunAsync(bridge.Vars, "doctor", "--json")).ShouldSucceed();

        ill.ExitCode.ShouldBe(1);
        ill.Json.GetProperty("ok").GetBoolean().ShouldBeFalse();
        ill.Json.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("part")} {finding.GetProperty("state")}")
            .ShouldBe(["config vars ok", "credentials fail", "database fail", "routes warn"]);
        well.Json.GetProperty("ok").GetBoolean().ShouldBeTrue();
        well.Json.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("part")} {finding.GetProperty("state")}").ShouldBe(
        [
            "config vars ok", "credentials ok", "database ok", "connections ok", "clock ok", "schema ok", "schema version ok", "org ok", "token ok", "api version ok", "routes ok", "api budget ok",
        ]);
    }
}
