using System.Net;
using System.Text.Json;
using SalesforceBridge.Configuration;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Http;

public sealed class SetupStateTests
{
    [Theory]
    [InlineData(ProcessRole.Web)]
    [InlineData(ProcessRole.All)]
    internal async Task An_app_without_credentials_is_alive_but_not_ready(ProcessRole role)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using TestHost web = await TestHost.StartAsync(role, ConfigVars.Fresh.With("DATABASE_URL", database.Url));
        using Browser browser = web.Browse();
        await web.LogLineAsync("event=database_reachable");

        (await browser.GetAsync("/healthz")).ShouldBe((200, "ok\n"));
        (int status, string report) = await browser.GetAsync("/readyz");

        status.ShouldBe(503);
        JsonElement checks = JsonElement.Parse(report).GetProperty("checks");
        checks.GetProperty("database").GetProperty("status").GetString().ShouldBe("ready");
        checks.GetProperty("credentials").GetProperty("status").GetString().ShouldBe("setup");
        checks.GetProperty("credentials").GetProperty("why").GetString().ShouldBe(
            "Still to be set: SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME, SALESFORCE_JWT_PRIVATE_KEY; " +
            "or SALESFORCE_LOGIN_URL, SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET");
    }

    [Fact]
    public async Task The_page_says_what_to_type_and_shows_no_value()
    {
        ConfigVars vars = ConfigVars.Fresh
            .With("SALESFORCE_JWT_PRIVATE_KEY", ConfigVars.PrivateKey).With("SALESFORCE_USERNAME", "hidden@example.com")
            .With("BRIDGE_CONSOLE_PASSWORD", "hidden-console-password").With("HEROKU_APP_NAME", "orders-<app>");
        await using TestHost web = await TestHost.StartAsync(ProcessRole.Web, vars);
        using Browser browser = web.Browse();

        (int status, string page) = await browser.GetAsync("/");

        status.ShouldBe(200);
        page.ShouldContain("<li><code>SALESFORCE_CLIENT_ID</code>: the consumer key of your External Client App</li>");
        WebUtility.HtmlDecode(page).ShouldContain("heroku config:set SALESFORCE_CLIENT_ID='3MVG9...' --app orders-<app>");
        page.ShouldNotContain("<app>");
        page.ShouldNotContain("hidden");
        page.ShouldNotContain("PRIVATE KEY");
    }

    [Fact]
    public async Task With_credentials_there_is_no_setup_page_and_nothing_to_set_up()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using TestHost web = await TestHost.StartAsync(ProcessRole.Web, ConfigVars.Complete.With("DATABASE_URL", database.Url));
        using Browser browser = web.Browse();
        await web.LogLineAsync("event=database_reachable");

        (await browser.GetAsync("/")).Status.ShouldBe(404);
        (_, string report) = await browser.GetAsync("/readyz");
        JsonElement.Parse(report).GetProperty("checks").GetProperty("credentials").GetProperty("status").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task A_worker_without_credentials_says_so_in_one_line_and_waits()
    {
        await using TestHost worker = await TestHost.StartAsync(ProcessRole.Worker, ConfigVars.Fresh);

        (await worker.LogLineAsync("event=setup_needed")).ShouldBe(
            "at=warn event=setup_needed msg=\"Waiting to be set up, doing nothing else. Still to be set: SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME, " +
            "SALESFORCE_JWT_PRIVATE_KEY; or SALESFORCE_LOGIN_URL, SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET.\" logger=Announcement");
    }
}
