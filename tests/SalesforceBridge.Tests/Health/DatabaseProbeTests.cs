using System.Text.Json;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Health;

public sealed class DatabaseProbeTests
{
    [Fact]
    public async Task A_process_outlives_its_database_and_says_once_that_it_went_and_that_it_came_back()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(["fsync=off"], TestContext.Current.CancellationToken);
        ConfigVars vars = ConfigVars.Complete.With("DATABASE_URL", server.Url("postgres"));
        await server.StopAsync(crash: true, TestContext.Current.CancellationToken);

        await using TestHost web = await TestHost.StartAsync(ProcessRole.Web, vars);
        using Browser browser = web.Browse();

        (await web.LogLineAsync("event=database_unreachable")).ShouldStartWith(
            $"at=error event=database_unreachable msg=\"The database 127.0.0.1:{server.Port}/postgres refuses connections: " +
            "nothing listens at that host and port. Start the database, or correct DATABASE_URL. It is tried again every few seconds.\"");
        (int degraded, string report) = await browser.GetAsync("/readyz");
        degraded.ShouldBe(503);
        report.ShouldContain("The database refuses connections");
        report.ShouldNotContain($"{server.Port}");

        await server.LaunchAsync(TestContext.Current.CancellationToken);
        await web.LogLineAsync("event=database_reachable");
        (_, string recovered) = await browser.GetAsync("/readyz");
        JsonElement.Parse(recovered).GetProperty("checks").GetProperty("database").GetProperty("status").GetString().ShouldBe("ready");
    }
}
