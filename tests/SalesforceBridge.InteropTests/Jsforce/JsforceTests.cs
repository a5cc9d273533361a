using SalesforceBridge.InteropTests.Node;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.InteropTests.Jsforce;

/// <summary>jsforce, the JavaScript client of Salesforce, believes the simulator to be an org. Each scenario is a function beside this file.</summary>
public sealed class JsforceTests
{
    [Fact]
    public Task It_logs_in_by_soap_and_out_again() => RunAsync("sessions.js", "soapLogin");

    [Fact]
    public Task It_logs_in_by_password_and_out_again() => RunAsync("sessions.js", "passwordLogin");

    [Fact]
    public Task It_logs_in_by_client_credentials() => RunAsync("sessions.js", "clientCredentials");

    [Fact]
    public Task It_refreshes_an_expired_token() => RunAsync("sessions.js", "refreshesAnExpiredToken");

    [Fact]
    public Task It_understands_why_a_login_failed() => RunAsync("sessions.js", "wrongPasswords");

    [Fact]
    public Task It_creates_reads_updates_and_deletes() => RunAsync("records.js", "createReadUpdateDelete");

    [Fact]
    public Task It_upserts_by_external_id() => RunAsync("records.js", "upsert");

    [Fact]
    public Task It_queries_page_by_page() => RunAsync("records.js", "queriesWithPaging");

    [Fact]
    public Task It_sends_collections() => RunAsync("records.js", "collections");

    [Fact]
    public Task It_sends_composites() => RunAsync("composite.js", "composite");

    [Fact]
    public Task It_sends_batches() => RunAsync("composite.js", "batch");

    [Fact]
    public Task It_sends_trees() => RunAsync("composite.js", "tree");

    [Fact]
    public Task It_sends_graphs() => RunAsync("composite.js", "graph");

    [Fact]
    public Task It_reads_describes_and_limits() => RunAsync("records.js", "describes");

    [Fact]
    public Task It_understands_every_error() => RunAsync("records.js", "errors");

    [Fact]
    public Task It_publishes_events() => RunAsync("streaming.js", "publishesEvents");

    [Fact]
    public Task It_replays_events_from_the_oldest() => RunAsync("streaming.js", "replaysFromTheOldest");

    [Fact]
    public Task It_replays_events_after_a_stored_one() => RunAsync("streaming.js", "replaysAfterAnEvent");

    [Fact]
    public Task It_hears_live_events_in_order() => RunAsync("streaming.js", "hearsLiveEvents");

    [Fact]
    public Task It_hears_changes_of_records() => RunAsync("streaming.js", "hearsChanges");

    [Fact]
    public Task It_hears_a_push_topic() => RunAsync("streaming.js", "hearsAPushTopic");

    [Fact]
    public Task It_hears_that_a_replay_id_is_not_valid() => RunAsync("streaming.js", "refusesAnUnknownReplayId");

    [Fact]
    public Task It_survives_being_forgotten() => RunAsync("streaming.js", "survivesAForgottenClient");

    [Fact]
    public Task It_hears_that_its_token_is_gone() => RunAsync("streaming.js", "hearsThatItsTokenIsGone");

    private static async Task RunAsync(string file, string scenario)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2) }, ct);

        string output = await NodeProcess.RunAsync("Jsforce/run.js", [file, scenario, org.Url.ToString().TrimEnd('/')], ct);

        output.ShouldContain($"{scenario}: done");
    }
}
