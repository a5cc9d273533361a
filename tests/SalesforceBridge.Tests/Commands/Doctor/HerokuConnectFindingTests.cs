using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Commands.Doctor;

/// <summary>What the doctor says of Heroku Connect.</summary>
public sealed class HerokuConnectFindingTests
{
    private const string Central = "https://hc-central.heroku.com/connections?app=my-app";
    private const string Detail = "https://connect-eu.heroku.com/api/v3/connections/c1";

    [Fact]
    public async Task Where_there_is_no_Heroku_Connect_nothing_is_said()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed().Output.ShouldNotContain("Heroku Connect");
    }

    [Fact]
    public async Task The_log_tells_what_waits_and_what_failed()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await ConnectLayout.ConnectAsync(bridge.Database, "org");

        CommandLine well = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();
        await bridge.Database.ExecuteAsync("""
            insert into org._trigger_log (state, created_at) values
            ('NEW', now() - interval '3 hours'), ('PENDING', now()), ('FAILED', now()), ('READONLY', now()), ('READONLY', now())
            """);
        CommandLine ill = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        well.Output.ShouldContain("ok    Heroku Connect: org has nothing to send, and none failed\n");
        well.Output.ShouldContain("warn  Heroku Connect: whether its connections run was not asked of Heroku, since HEROKU_API_KEY is not set. ");
        ill.Output.ShouldContain("warn  Heroku Connect: org has 2 changes to send, the oldest 3 h old. See whether the connection runs: heroku connect:state\n");
        ill.Output.ShouldContain("warn  Heroku Connect: org could not write 1 changes to the org. See which: bridge connect errors; send one again: bridge connect retry ID\n");
        ill.Output.ShouldContain("warn  Heroku Connect: org has 2 changes of read-only tables, which never reach the org. ");
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_is_a_fault()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await ConnectLayout.ConnectAsync(bridge.Database, "org");
        await bridge.Database.ExecuteAsync("drop table org._trigger_log_archive");

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  Heroku Connect: the schema org has no table _trigger_log_archive");
    }

    [Theory]
    [InlineData("IDLE", "ok    Heroku Connect: org is IDLE at Heroku\n", 0)]
    [InlineData("PAUSED", "warn  Heroku Connect: org is PAUSED at Heroku. If nobody works on it: heroku connect:resume\n", 0)]
    [InlineData("NEED_AUTHENTICATION", "fail  Heroku Connect: org is NEED_AUTHENTICATION at Heroku. See the add-on's dashboard; heroku connect:diagnose tells more.\n", 1)]
    public async Task Heroku_tells_whether_the_connection_runs(string state, string finding, int exitCode)
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        await using Bridge bridge = await AskingAsync(heroku, state, "DATA_SYNCED");

        CommandLine doctor = await CommandLine.RunWithAsync(bridge.Vars, heroku.Lead, "doctor");

        doctor.ExitCode.ShouldBe(exitCode, doctor.Output);
        doctor.Output.ShouldContain(finding);
        doctor.Output.ShouldNotContain("HRKU");
    }

    [Fact]
    public async Task Heroku_tells_which_mapping_is_broken_or_nothing()
    {
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        await using Bridge bridge = await AskingAsync(heroku, "IDLE", "BAD_CONFIG");

        CommandLine broken = await CommandLine.RunWithAsync(bridge.Vars, heroku.Lead, "doctor");
        heroku.With(Central, "{}", 500);
        CommandLine silent = await CommandLine.RunWithAsync(bridge.Vars, heroku.Lead, "doctor");

        broken.ExitCode.ShouldBe(1);
        broken.Output.ShouldContain("fail  Heroku Connect: org.contact is BAD_CONFIG at Heroku. See the mapping's errors in the add-on's dashboard, and reload it.\n");
        silent.ExitCode.ShouldBe(0, silent.Output);
        silent.Output.ShouldContain("warn  Heroku Connect: hc-central.heroku.com answered with 500\n");
    }

    private static async Task<Bridge> AskingAsync(HerokuStub heroku, string state, string mapping)
    {
        heroku.With(Central, $$"""{"results": [{"id": "c1", "detail_url": "{{Detail}}"}]}""")
            .With($"{Detail}?deep=true", $$"""{"state": "{{state}}", "schema_name": "org", "mappings": [{"object_name": "Contact", "state": "{{mapping}}"}]}""");
        Bridge bridge = await Bridge.StartAsync();
        await ConnectLayout.ConnectAsync(bridge.Database, "org");
        return bridge.WithVar("HEROKU_API_KEY", "HRKU-secret").WithVar("HEROKU_APP_NAME", "my-app");
    }
}
