using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

/// <summary>What no command can do without, each refused in one line that says what to do.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string> CommandsThatNeedTheDatabase { get; } =
    [
        "status", "sources", "routes list", "routes check", "routes try api-publish --payload -", "routes rewind api-publish --to 1", "messages list", "messages show 1",
        "dead-letters list", "dead-letters show route a 1", "dead-letters redrive --all", "dead-letters discard --all",
    ];

    [Theory]
    [MemberData(nameof(CommandsThatNeedTheDatabase))]
    public async Task Without_a_database(string command)
    {
        ConfigVars vars = ConfigVars.Fresh.With("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d");

        (await CommandLine.RunAsync(vars, command.Split(' '))).ShouldRefuse(
            "The database 127.0.0.1:1/d refuses connections: nothing listens at that host and port. Start the database, or correct DATABASE_URL.");
    }

    [Theory]
    [MemberData(nameof(CommandsThatNeedTheDatabase))]
    public async Task Without_the_tables(string command)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        CommandLine refused = await CommandLine.RunAsync(ConfigVars.Fresh.With("DATABASE_URL", database.Url), command.Split(' '));

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldMatch(@"^The schema bridge of .* is at version 0 and this program needs \d+: run `bridge migrate`\.$");
    }

    [Theory]
    [InlineData("query", "select Id from Account")]
    [InlineData("publish", "Order_Placed__e", "--payload", "-")]
    public async Task Without_credentials(params string[] command)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        ConfigVars vars = bridge.Vars;
        vars.Remove("SALESFORCE_CLIENT_SECRET");

        (await CommandLine.RunAsync(vars, "{}", command)).ShouldRefuse(
            "There are no credentials for the org. Still to be set: SALESFORCE_USERNAME, SALESFORCE_JWT_PRIVATE_KEY; or SALESFORCE_CLIENT_SECRET. See `bridge doctor`.");
    }

    [Fact]
    public async Task With_credentials_that_the_org_refuses()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars.With("SALESFORCE_CLIENT_SECRET", "wrong"), "query", "select Id from Account");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldStartWith("There is no token for the org: ");
        refused.Errors.ShouldNotContain("\n");
    }

    [Fact]
    public async Task With_config_vars_that_cannot_be_used()
    {
        CommandLine refused = await CommandLine.RunAsync(ConfigVars.Fresh.With("PORT", "x"), "status");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldStartWith("SalesforceBridge was not started: 1 config var cannot be used.");
    }

    [Fact]
    public async Task With_a_payload_that_is_no_file()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars, "publish", "Order_Placed__e", "--payload", "no-such-file.json");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldStartWith("The file `no-such-file.json` cannot be read: ");
    }

    [Fact]
    public async Task Migrate_speaks_json()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        ConfigVars vars = ConfigVars.Fresh.With("DATABASE_URL", database.Url);

        CommandLine first = (await CommandLine.RunAsync(vars, "migrate", "--json")).ShouldSucceed();
        CommandLine second = (await CommandLine.RunAsync(vars, "migrate", "--json")).ShouldSucceed();

        first.Json.GetProperty("applied").GetArrayLength().ShouldBe(first.Json.GetProperty("version").GetInt32());
        second.Json.GetProperty("applied").GetArrayLength().ShouldBe(0);
    }
}
