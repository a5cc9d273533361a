using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SalesforceBridge.Commands;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class CommandTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("worker")]
    [InlineData("all")]
    public async Task A_process_refuses_to_start_with_the_list_of_faults(string process)
    {
        (int exitCode, string output) = await RunAsync(ConfigVars.Fresh.With("PORT", "eighty").With("LOG_FORMAT", "xml"), process);

        exitCode.ShouldBe(1);
        output.ShouldStartWith("SalesforceBridge was not started: 2 config vars cannot be used.");
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var other = new TcpListener(IPAddress.IPv6Any, 0);
        other.Server.DualMode = true;
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        (int exitCode, string output) = await RunAsync(ConfigVars.Fresh.With("PORT", $"{port}").With("LOG_LEVEL", "error"), "web");

        exitCode.ShouldBe(1);
        output.ShouldBe($"Port {port} is in use by another program. Set PORT to a free one.\n");
    }

    [Fact]
    public async Task An_unknown_command_ends_with_1()
    {
        (int exitCode, string output) = await RunAsync(ConfigVars.Fresh, "frobnicate");

        exitCode.ShouldBe(1);
        output.ShouldContain("frobnicate");
    }

    [Fact]
    public async Task The_doctor_is_content_with_a_complete_app()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        (int exitCode, string output) = await RunAsync(ConfigVars.Complete.With("DATABASE_URL", database.Url), "doctor");

        exitCode.ShouldBe(0, output);
        output.ShouldContain("ok    config vars: can be used\nok    credentials: are complete: JwtBearer\nok    database: 127.0.0.1:");
        output.ShouldContain("ok    schema: bridge can be created\n");
    }

    [Fact]
    public async Task The_doctor_names_every_fault_and_its_cure()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        (int exitCode, string output) = await RunAsync(ConfigVars.Fresh.With("DATABASE_URL", database.Url).With("PORT", "x").With("LOG_LEVEL", "y"), "doctor");

        exitCode.ShouldBe(1);
        output.ShouldContain("fail  PORT: is 'x', not a port. Set a number");
        output.ShouldContain("fail  LOG_LEVEL: is 'y', not a log level. Set debug");
        output.ShouldContain("ok    database: 127.0.0.1:");
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
            (int exitCode, string output) = await RunAsync(ConfigVars.Complete.With("DATABASE_URL", url), "doctor");

            exitCode.ShouldBe(1, output);
            output.ShouldContain(why);
            output.ShouldNotContain("hunter2");
        }
    }

    [Fact]
    public async Task The_doctor_misses_the_right_to_create_the_schema()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync($"create role reader_{database.Name} login");
        string url = database.Url.Replace("bridge@", $"reader_{database.Name}@");

        (int exitCode, string refused) = await RunAsync(ConfigVars.Complete.With("DATABASE_URL", url), "doctor");
        await database.ExecuteAsync("create schema bridge");
        (int exitCodeWithSchema, _) = await RunAsync(ConfigVars.Complete.With("DATABASE_URL", url), "doctor");
        await database.ExecuteAsync($"drop role reader_{database.Name}");

        exitCode.ShouldBe(1);
        refused.ShouldContain("fail  schema: bridge does not exist and this user may not create it");
        exitCodeWithSchema.ShouldBe(0);
    }

    [Fact]
    public async Task The_doctor_speaks_json()
    {
        (int exitCode, string output) = await RunAsync(ConfigVars.Fresh.With("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d"), "doctor", "--json");

        JsonElement report = JsonElement.Parse(output);
        exitCode.ShouldBe(1);
        report.GetProperty("ok").GetBoolean().ShouldBeFalse();
        report.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("part")} {finding.GetProperty("state")}")
            .ShouldBe(["config vars ok", "credentials fail", "database fail"]);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(ConfigVars vars, params string[] arguments)
    {
        await using var output = new StringWriter();
        int exitCode = await BridgeCommands.RunAsync(arguments, vars, output, output);
        return (exitCode, output.ToString());
    }
}
