using System.Security.Cryptography;
using SalesforceBridge.Health;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands.Doctor;

/// <summary>What the doctor says of the org: its token, its API's version, what it allots, and the calls that are left.</summary>
public sealed class OrgFindingTests
{
    [Fact]
    public async Task An_org_that_gives_no_token_is_told_with_what_to_do_and_nothing_else_is_asked_of_it()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_CLIENT_SECRET", "wrong-secret"), "doctor");
        CommandLine unreachable = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:1"), "doctor");
        CommandLine other = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_ORG_ID", "00D000000000001"), "doctor");

        foreach (CommandLine doctor in new[] { refused, unreachable, other })
        {
            doctor.ExitCode.ShouldBe(1);
            doctor.Output.ShouldContain("warn  routes: 2 prepare; objects and fields were not all checked: see the finding on the org. Once the org can be asked: bridge routes check\n");
            doctor.Output.ShouldContain("warn  event Order_Placed__e: whether the org lets the bridge subscribe /event/Order_Placed__e is not known: see the finding on the org; no event of it is kept. ");
            doctor.Output.ShouldContain("warn  allocations: of events and API calls were not asked of the org: see the finding on the org. Once that is right, ask again.\n");
            doctor.Output.ShouldNotContain("wrong-secret");
        }

        refused.Output.ShouldContain("fail  org: 127.0.0.1 gave no token: invalid_client: ");
        refused.Output.ShouldContain(" Correct the credentials, here or in the org.\n");
        unreachable.Output.ShouldContain("See whether SALESFORCE_LOGIN_URL is right and the org is up; then try again.\n");
        other.Output.ShouldContain($"fail  org: the credentials are for org {bridge.Org.OrgId} and SALESFORCE_ORG_ID is 00D000000000001. Correct one of them.\n");
        bridge.Org.Ledger.Calls.ShouldAllBe(call => call.Kind == ApiCallKind.Token || call.Kind == ApiCallKind.Identity);
    }

    [Fact]
    public async Task A_token_of_a_flow_that_renews_it_is_well_and_one_that_was_given_is_not()
    {
        using var key = RSA.Create();
        key.ImportFromPem(ConfigVars.PrivateKey);
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { JwtCertificate = key.ExportSubjectPublicKeyInfoPem(), PollTimeout = TimeSpan.FromSeconds(2) });
        ConfigVars jwt = bridge.Vars.With("SALESFORCE_JWT_PRIVATE_KEY", ConfigVars.PrivateKey).With("SALESFORCE_USERNAME", "bridge@example.com");
        jwt.Remove("SALESFORCE_CLIENT_SECRET");
        ConfigVars given = bridge.Vars.With("SALESFORCE_INSTANCE_URL", bridge.Org.Url.ToString()).With("SALESFORCE_ACCESS_TOKEN", bridge.Org.OpenSession("bridge@example.com"));
        given.Remove("SALESFORCE_CLIENT_SECRET");

        CommandLine client = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();
        CommandLine signed = (await CommandLine.RunAsync(jwt, "doctor")).ShouldSucceed();
        CommandLine asItIs = (await CommandLine.RunAsync(given, "doctor")).ShouldSucceed();

        client.Output.ShouldMatch(@"ok    token: by ClientCredentials, with the scopes api; expires in 1\d\d min and is renewed\n");
        signed.Output.ShouldContain("ok    token: by JwtBearer, with the scopes api; when it expires it is renewed\n");
        asItIs.Output.ShouldContain(
            "warn  token: was given as it is: neither its scopes nor when it expires can be asked, and it cannot be renewed. Set up a flow that renews it, like SALESFORCE_JWT_PRIVATE_KEY.\n");
    }

    [Fact]
    public async Task A_token_without_the_scope_for_the_API_is_told()
    {
        await using Bridge bridge = await Bridge.StartAsync(new SimulatorOptions { SchemaYaml = WithScope("id web") });

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain(
            "fail  token: by ClientCredentials, with the scopes id web, and without `api` the org's API is closed to it. Add the scope `api` (Manage user data via APIs) to the app in the org.\n");
        doctor.Output.ShouldContain("were not all checked: see the finding on the token");
    }

    [Theory]
    [InlineData("69.0", "fail  api version: 69.0 is not spoken: the org speaks 31.0 to 68.0")]
    [InlineData("36.0", "fail  api version: 36.0 has no channels, which routes listen to; they begin with 37.0")]
    [InlineData("40.0", "warn  api version: 40.0 is deprecated with Summer '27 and retired with Summer '28; the org speaks 31.0 to 68.0")]
    [InlineData("51.0", "warn  api version: 51.0 gives events no id, so that a repeated one is told by its position and date; ids begin with 52.0")]
    public async Task An_API_version_that_will_not_do_is_told_with_one_that_does(string version, string finding)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_API_VERSION", version), "doctor");

        doctor.Output.ShouldContain($"{finding}. Set another: heroku config:set SALESFORCE_API_VERSION=68.0\n");
        doctor.ExitCode.ShouldBe(finding.StartsWith("fail", StringComparison.Ordinal) ? 1 : 0);
        doctor.Output.ShouldNotContain("the org has no object");
    }

    [Fact]
    public void A_retired_API_version_and_an_org_that_lists_none_are_told()
    {
        ApiVersionExamination.Judge("40.0", [41, 42], []).ShouldBe(
            Finding.Fail("api version", "40.0 is retired: the org speaks 41.0 to 42.0", "Set another: heroku config:set SALESFORCE_API_VERSION=42.0"));
        ApiVersionExamination.Judge("62.0", [], []).State.ShouldBe(FindingState.Warn);
    }

    [Fact]
    public async Task What_is_left_for_events_is_told_as_far_as_routes_need_it()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted")
            .WithRoute("told", "-- on: topic CustomerAccounts\nselect 1 from message")
            .WithRoute("tells", "-- on: callout tells\n-- do: publish Large_Order__e\nselect 'a01' as \"Order_Id__c\" from message")
            .WithVar("BRIDGE_CALLOUT_SECRETS", "0123456789abcdef");

        CommandLine well = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();
        bridge.Org.Faults.Add(new Fault.UsedAllocation("DailyDeliveredPlatformEvents", 0));
        bridge.Org.Faults.Add(new Fault.UsedAllocation("DailyDurableStreamingApiEvents", 9_000));
        bridge.Org.Faults.Add(new Fault.UsedAllocation("HourlyPublishedPlatformEvents", null));
        CommandLine used = await CommandLine.RunAsync(bridge.Vars, "doctor");

        well.Output.ShouldContain("ok    allocations: 0 of 50000 events delivered\nok    allocations: 0 of 50000 topic notifications and generic events delivered\nok    allocations: ");
        well.Output.ShouldContain("ok    allocations: 0 of 250000 events published in an hour\n");
        used.ExitCode.ShouldBe(1);
        used.Output.ShouldContain("fail  allocations: 50000 of 50000 events delivered: none is left. The org keeps events for 72 hours. Every subscriber counts");
        used.Output.ShouldContain("warn  allocations: 41000 of 50000 topic notifications and generic events delivered: few are left. Subscribe and publish less, or buy more.\n");
        used.Output.ShouldContain("warn  allocations: the org does not say how many events published in an hour it allows (HourlyPublishedPlatformEvents). See Setup, Company Information.\n");
    }

    [Fact]
    public async Task A_user_without_View_Setup_cannot_ask_what_is_left()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted").Org.Faults.Add(new Fault.HiddenLimits());

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        doctor.Output.ShouldContain("warn  allocations: of events were not asked: read limits failed: INSUFFICIENT_ACCESS: ");
        doctor.Output.ShouldContain(" Give the integration user the permission View Setup and Configuration; all else works without it.\n");
    }

    [Fact]
    public async Task When_the_budget_leaves_no_calls_the_doctor_says_so_and_goes_on_with_what_needs_none()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted").WithVar("BRIDGE_API_BUDGET", "10");
        await bridge.Database.ExecuteAsync("insert into bridge.api_call values (date_trunc('hour', now()), 'lane order-accepted', 9)");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        const string why = "the API budget leaves no calls to commands now";
        doctor.Output.ShouldContain("ok    api version: 62.0");
        doctor.Output.ShouldContain($"warn  routes: 2 prepare; objects and fields were not all checked: {why}. Once the org can be asked: bridge routes check\n");
        doctor.Output.ShouldContain("ok    event Order_Placed__e: /event/Order_Placed__e can be subscribed; no event of it is kept\n");
        doctor.Output.ShouldContain($"warn  allocations: of events were not asked: {why}. See the finding on the API budget.\n");
        doctor.Output.ShouldContain("warn  api budget: 9 of the 10 calls of 24 hours that BRIDGE_API_BUDGET (10) allows are used. Commands are refused, and polls are slower");
        bridge.Org.Ledger.Count(ApiCallKind.Describe).ShouldBe(0);
        bridge.Org.Ledger.Count(ApiCallKind.Limits).ShouldBe(0);
    }

    private static string WithScope(string scope) => File.ReadAllText(Repository.PathOf("src/SalesforceBridge.Simulator/Schema/DefaultOrg.yaml"))
        .Replace("runAs: bridge@example.com", $"runAs: bridge@example.com\n    scope: {scope}");
}
