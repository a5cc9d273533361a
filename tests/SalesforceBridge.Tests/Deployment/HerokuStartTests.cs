using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Deployment;

/// <summary>The app as the buildpack publishes it, started as a dyno starts it.</summary>
public sealed class HerokuStartTests(PublishedBridge published)
{
    // Heroku kills 30 s after SIGTERM; the bridge promises 25.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Only_the_bridge_is_published()
    {
        string folder = await published.FolderAsync();

        Directory.GetDirectories(folder, "publish", SearchOption.AllDirectories)
            .Select(publish => Path.GetRelativePath(folder, publish))
            .ShouldBe(["src/SalesforceBridge/bin/publish"]);
    }

    [Fact]
    public async Task A_fresh_web_dyno_answers_and_shows_the_setup_page()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dyno dyno = new Dyno(await published.FolderAsync()).FreshFromDeployButton(database.Url).With("PORT", "0").With("DYNO", "web.1");

        await using RunningProcess web = dyno.Start("web");

        using var browser = new Browser(await Dyno.AddressOf(web));
        await web.LineWithAsync("event=database_reachable");
        (await browser.GetAsync("/healthz")).ShouldBe((200, "ok\n"));
        (int readiness, string report) = await browser.GetAsync("/readyz");
        readiness.ShouldBe(503, report);
        (int status, string page) = await browser.GetAsync("/");
        status.ShouldBe(200);
        page.ShouldContain("heroku config:set SALESFORCE_CLIENT_ID=");
        await ShouldStopInOrder(web);
    }

    [Fact]
    public async Task BRIDGE_PROCESS_all_runs_everything_in_the_web_dyno()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dyno dyno = new Dyno(await published.FolderAsync()).FreshFromDeployButton(database.Url).With("PORT", "0").With("BRIDGE_PROCESS", "all");

        await using RunningProcess all = dyno.Start("web");

        (await all.LineWithAsync("event=process_started")).ShouldContain("role=all");
        await ShouldStopInOrder(all);
    }

    [Fact]
    public async Task A_fresh_worker_dyno_stays_up_without_a_port()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dyno dyno = new Dyno(await published.FolderAsync()).FreshFromDeployButton(database.Url).With("DYNO", "worker.1");

        await using RunningProcess worker = dyno.Start("worker");

        await worker.LineWithAsync("event=setup_needed");
        await worker.LineWithAsync("event=database_reachable");
        worker.HasEnded.ShouldBeFalse();
        worker.Output.ShouldNotContain("event=listening");
        await ShouldStopInOrder(worker);
    }

    [Fact]
    public async Task A_one_off_dyno_finds_bridge_on_its_path()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dyno dyno = new Dyno(await published.FolderAsync()).FreshFromDeployButton(database.Url).With("DYNO", "run.1234");

        await using RunningProcess doctor = dyno.Run("bridge doctor");

        (await doctor.EndAsync()).ShouldBe(1, doctor.Output);
        doctor.Output.ShouldContain("is PostgreSQL 1");
        doctor.Output.ShouldContain("fail  credentials: Still to be set: SALESFORCE_CLIENT_ID");
    }

    [Fact]
    public async Task A_one_off_dyno_finds_the_routes_and_reads_what_is_piped_to_it()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        Dyno dyno = new Dyno(await published.FolderAsync()).FreshFromDeployButton(database.Url).With("DYNO", "run.1234");

        await using RunningProcess trial = dyno.Run(
            """bridge migrate --json && echo '{"Order_Id__c":"a01","Amount__c":5}' | bridge routes try order-accepted --payload -""");

        (await trial.EndAsync()).ShouldBe(0, trial.Output);
        trial.Output.ShouldContain("order-accepted would send 1 row.");
    }

    private static async Task ShouldStopInOrder(RunningProcess process)
    {
        await process.SignalAsync("TERM");
        (await process.EndAsync().WaitAsync(TimeToStop, TestContext.Current.CancellationToken)).ShouldBe(0, process.Output);
        process.Output.ShouldContain("event=process_stopped");
    }
}
