using SalesforceBridge.Messaging;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class DoctorCommandTests
{
    private const string Unreachable = "http://127.0.0.1:1";

    [Fact]
    public async Task The_doctor_is_content_with_a_complete_app()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_ORG_ID", bridge.Org.OrgId[..15]), "doctor")).ShouldSucceed();

        doctor.Output.ShouldStartWith("ok    config vars: can be used\nok    credentials: are complete: ClientCredentials\nok    database: 127.0.0.1:");
        doctor.Output.ShouldEndWith($"""
            ok    schema: bridge exists
            ok    schema version: is {Migrations.Newest}
            ok    routes: 2 prepare; `bridge routes check` also asks the org about their fields
            ok    org: {bridge.Org.OrgId} gives ClientCredentials a token, as bridge@example.com
            ok    api budget: 1 of the 800000 calls of 24 hours that BRIDGE_API_BUDGET (80%) allows are used, and everybody made 1 of the org's 1000000
            """);
    }

    [Fact]
    public async Task The_doctor_finds_what_is_wrong_with_routes_streams_and_org()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("typo", "-- in: event Order_Placed__e\nselect 1").WithRoute("broken", "-- on: event Order_Placed__e\nselect nothing from message");
        await bridge.StoreAsync("event Order_Placed__e", "{}");
        await bridge.Database.ExecuteAsync("insert into bridge.alert (name, what) values ('event Order_Placed__e refused', 'The org refuses it.')");

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_CLIENT_SECRET", "wrong"), "doctor");
        CommandLine other = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_ORG_ID", "00D000000000001"), "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  routes: typo.sql: line 1: `in:` is no header");
        doctor.Output.ShouldContain("fail  routes: broken: line 2: 42703: column \"nothing\" does not exist");
        doctor.Output.ShouldContain("warn  event Order_Placed__e: The org refuses it.");
        doctor.Output.ShouldContain("fail  org: ");
        doctor.Output.ShouldContain("Correct the credentials, here or in the org.");
        other.Output.ShouldContain($"fail  org: the credentials are for org {bridge.Org.OrgId} and SALESFORCE_ORG_ID is 00D000000000001. Correct one of them.");
    }

    [Fact]
    public async Task The_doctor_says_what_to_do_about_an_org_that_cannot_be_reached_and_tables_that_are_missing()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        CommandLine doctor = await CommandLine.RunAsync(
            ConfigVars.Complete.With("DATABASE_URL", database.Url).With("SALESFORCE_LOGIN_URL", Unreachable), "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("ok    schema: bridge can be created\n");
        doctor.Output.ShouldContain($"is at version 0 and this program needs {Migrations.Newest}: run `bridge migrate`.");
        doctor.Output.ShouldContain("See whether SALESFORCE_LOGIN_URL is right and the org is up; then try again.");
    }

    [Fact]
    public async Task The_doctor_says_who_may_call()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("orders", "-- on: callout orders\nselect 1 from message");

        CommandLine nobody = await CommandLine.RunAsync(bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", ""), "doctor");
        ConfigVars vars = bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", "mes=0123456789abcdef-a,mes=0123456789abcdef-b,erp=0123456789abcdef-c");
        CommandLine two = await CommandLine.RunAsync(vars, "doctor");
        CommandLine narrow = await CommandLine.RunAsync(vars.With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14,2620:10a::/32"), "doctor");

        nobody.ExitCode.ShouldBe(1);
        nobody.Output.ShouldContain("fail  callouts: are refused, since neither BRIDGE_CALLOUT_SECRETS nor BRIDGE_CALLOUT_CERTIFICATES is set. Set a secret, like: openssl rand -hex 32");
        two.Output.ShouldContain("ok    callouts: are taken from any address with secret mes, secret erp");
        two.Output.ShouldNotContain("0123456789abcdef");
        narrow.Output.ShouldContain("ok    callouts: are taken from 13.108.0.0/14, 2620:10a::/32 with secret mes, secret erp");
    }

    [Fact]
    public async Task The_doctor_names_every_fault_and_its_cure()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        CommandLine doctor = await CommandLine.RunAsync(ConfigVars.Fresh.With("DATABASE_URL", database.Url).With("PORT", "x").With("LOG_LEVEL", "y"), "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  PORT: is 'x', not a port. Set a number");
        doctor.Output.ShouldContain("fail  LOG_LEVEL: is 'y', not a log level. Set debug");
        doctor.Output.ShouldContain("ok    database: 127.0.0.1:");
    }

    [Fact]
    public async Task The_doctor_says_why_a_database_cannot_be_used()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dictionary<string, string> whys = new()
        {
            [database.Url.Replace(database.Name, "no_such_database")] = "does not exist on its server (3D000). Correct the database name",
            [database.Url.Replace("bridge@", "nobody@")] = "refuses the user or password (28000). On Heroku restart",
            [database.Url.Replace("=disable", "=require")] = "does not speak TLS. For a database without TLS add ?sslmode=disable",
            ["postgres://u:hunter2@127.0.0.1:1/orders"] = "127.0.0.1:1/orders refuses connections: nothing listens at that host and port. Start the database",
            ["postgres://u:hunter2@database.invalid/orders"] = "has a host name that is not known. Correct the host",
        };

        foreach ((string url, string why) in whys)
        {
            CommandLine doctor = await CommandLine.RunAsync(ConfigVars.Complete.With("DATABASE_URL", url).With("SALESFORCE_LOGIN_URL", Unreachable), "doctor");

            doctor.ExitCode.ShouldBe(1, doctor.Output);
            doctor.Output.ShouldContain(why);
            doctor.Output.ShouldNotContain("hunter2");
        }
    }

    [Fact]
    public async Task The_doctor_misses_the_right_to_create_the_schema()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync($"create role reader_{database.Name} login");
        ConfigVars vars = ConfigVars.Complete.With("DATABASE_URL", database.Url.Replace("bridge@", $"reader_{database.Name}@")).With("SALESFORCE_LOGIN_URL", Unreachable);

        CommandLine refused = await CommandLine.RunAsync(vars, "doctor");
        await database.ExecuteAsync("create schema bridge");
        CommandLine withSchema = await CommandLine.RunAsync(vars, "doctor");
        await database.ExecuteAsync($"drop role reader_{database.Name}");

        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("fail  schema: bridge does not exist and this user may not create it");
        withSchema.Output.ShouldContain("ok    schema: bridge exists");
    }

    [Fact]
    public async Task The_doctor_speaks_json()
    {
        CommandLine doctor = await CommandLine.RunAsync(ConfigVars.Fresh.With("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d"), "doctor", "--json");

        doctor.ExitCode.ShouldBe(1);
        doctor.Json.GetProperty("ok").GetBoolean().ShouldBeFalse();
        doctor.Json.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("part")} {finding.GetProperty("state")}")
            .ShouldBe(["config vars ok", "credentials fail", "database fail"]);
    }
}
