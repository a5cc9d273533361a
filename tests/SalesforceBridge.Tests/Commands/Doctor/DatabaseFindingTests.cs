using SalesforceBridge.Messaging;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands.Doctor;

/// <summary>What the doctor says of the database, its clock, and the bridge's schema in it.</summary>
public sealed class DatabaseFindingTests
{
    private const string Unreachable = "http://127.0.0.1:1";

    [Fact]
    public async Task A_database_that_cannot_be_used_is_told_with_why()
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
            doctor.Output.ShouldContain("were not checked, since the bridge's tables cannot be used. See the findings on database and schema.");
            doctor.Output.ShouldNotContain("hunter2");
        }
    }

    [Fact]
    public async Task The_limit_that_is_nearest_counts_be_it_the_servers_the_databases_or_the_users()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using var few = await OtherUser.CreateAsync(bridge.Database, "connection limit 5");
        await few.GrantAsync("usage, create on schema bridge", "all on all tables in schema bridge");

        CommandLine ofUser = await CommandLine.RunAsync(bridge.Vars.With("DATABASE_URL", few.Url), "doctor");
        await bridge.Database.ExecuteAsync($"alter database {bridge.Database.Name} connection limit 11");
        CommandLine ofDatabase = await CommandLine.RunAsync(bridge.Vars, "doctor");

        ofUser.Output.ShouldMatch(@"warn  connections: \d of 5 are in use\. Keep 10 free for the bridge, or take a larger plan\.");
        ofDatabase.Output.ShouldMatch(@"warn  connections: \d+ of 11 are in use\. Keep 10 free for the bridge, or take a larger plan\.");
    }

    [Theory]
    [InlineData(90, "90 s ahead of")]
    [InlineData(-300, "5 min behind")]
    public async Task Clocks_that_differ_are_told(int seconds, string how)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        var clock = new OffsetClock { Offset = TimeSpan.FromSeconds(seconds) };

        CommandLine doctor = await CommandLine.RunWithAsync(bridge.Vars, clock.Replace, "doctor");

        doctor.Output.ShouldContain($"warn  clock: this machine's is {how} the database's. Set it right (NTP): schedules fire by it, and an org refuses a JWT whose time is minutes off.");
    }

    [Fact]
    public async Task A_schema_that_is_missing_is_told_with_the_command_that_makes_it_or_the_right_that_is_needed()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using var reader = await OtherUser.CreateAsync(database);
        ConfigVars vars = ConfigVars.Complete.With("SALESFORCE_LOGIN_URL", Unreachable);

        CommandLine owner = await CommandLine.RunAsync(vars.With("DATABASE_URL", database.Url), "doctor");
        CommandLine other = await CommandLine.RunAsync(vars.With("DATABASE_URL", reader.Url), "doctor");

        owner.ExitCode.ShouldBe(1);
        owner.Output.ShouldContain("fail  schema: bridge does not exist yet. Run: bridge migrate\n");
        other.Output.ShouldContain("fail  schema: bridge does not exist and this user may not create it. Let the database's owner run: grant create on database ... to ...\n");
    }

    [Fact]
    public async Task Each_right_that_the_user_lacks_in_the_schema_is_told_with_what_its_owner_runs()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await using var reader = await OtherUser.CreateAsync(bridge.Database);
        ConfigVars vars = bridge.Vars.With("DATABASE_URL", reader.Url);

        CommandLine closed = await CommandLine.RunAsync(vars, "doctor");
        await reader.GrantAsync("usage on schema bridge", "select, insert, update, delete on all tables in schema bridge");
        await bridge.Database.ExecuteAsync($"revoke delete on bridge.alert, bridge.outbox from {reader.Name}");
        CommandLine twoTables = await CommandLine.RunAsync(vars, "doctor");
        await reader.GrantAsync("delete on all tables in schema bridge");
        CommandLine noMigration = await CommandLine.RunAsync(vars, "doctor");

        closed.ExitCode.ShouldBe(1);
        closed.Output.ShouldContain(
            "fail  schema: bridge exists and this user may not use it. Let its owner run: grant usage on schema \"bridge\" to ...; grant select, insert, update, delete on all tables in schema \"bridge\" to ...\n");
        twoTables.ExitCode.ShouldBe(1);
        twoTables.Output.ShouldContain("fail  schema: this user may not read and write alert, outbox in bridge. Let their owner run: grant select, insert, update, delete on all tables in schema \"bridge\" to ...\n");
        noMigration.Output.ShouldContain("warn  schema: bridge exists, and this user may not create tables in it, as `bridge migrate` does. Migrate as its owner, or let it run: grant create on schema \"bridge\" to ...\n");
        noMigration.Output.ShouldContain($"ok    schema version: is {Migrations.Newest}\n");
    }

    [Fact]
    public async Task Tables_of_another_version_are_told()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        await bridge.Database.ExecuteAsync($"delete from bridge.migration where version = {Migrations.Newest}");
        CommandLine older = await CommandLine.RunAsync(bridge.Vars, "doctor");
        await bridge.Database.ExecuteAsync($"insert into bridge.migration (version, name) values ({Migrations.Newest}, 'newest'), ({Migrations.Newest + 1}, 'next')");
        CommandLine newer = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        older.ExitCode.ShouldBe(1);
        older.Output.ShouldContain($"fail  schema version: is {Migrations.Newest - 1} and this program needs {Migrations.Newest}. Run: bridge migrate\n");
        newer.Output.ShouldContain($"warn  schema version: is {Migrations.Newest + 1} and this program knows {Migrations.Newest}. A newer program has migrated it: deploy that one everywhere.\n");
    }

    [Fact]
    public async Task What_the_bridge_found_out_by_itself_is_repeated()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.StoreAsync("event Order_Placed__e", "{}");
        await bridge.Database.ExecuteAsync(
            "insert into bridge.alert (name, what) values ('event Order_Placed__e refused', 'The org refuses it.'), ('storage', 'The schema is nearly full.')");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        doctor.Output.ShouldContain("warn  event Order_Placed__e: The org refuses it.\nwarn  storage: The schema is nearly full.\n");
    }
}
