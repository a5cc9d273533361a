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
    public Task It_logs_in_by_a_code_from_a_browser() => RunAsync("sessions.js", "authorizationCode");

    [Fact]
    public Task It_revokes_its_refresh_token() => RunAsync("sessions.js", "revokesItsRefreshToken");

    [Fact]
    public Task It_follows_a_moved_org() => RunAsync("sessions.js", "followsAMovedOrg");

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
    public Task It_queries_children_parents_and_groups() => RunAsync("queries.js", "childrenParentsAndGroups");

    [Fact]
    public Task It_queries_deleted_rows() => RunAsync("queries.js", "deletedRows");

    [Fact]
    public Task It_explains_and_searches() => RunAsync("queries.js", "explainsAndSearches");

    [Fact]
    public Task It_loses_its_place_in_a_query() => RunAsync("queries.js", "losesItsPlaceInAQuery");

    [Fact]
    public Task It_builds_queries_of_its_own() => RunAsync("queries.js", "builtQueries");

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
    public Task It_asks_what_was_updated_and_deleted() => RunAsync("replication.js", "updatedAndDeleted");

    [Fact]
    public Task It_asks_for_recent_records() => RunAsync("replication.js", "recentRecords");

    [Fact]
    public Task It_reads_layouts() => RunAsync("screens.js", "layouts");

    [Fact]
    public Task It_reads_tabs_and_the_theme() => RunAsync("screens.js", "tabsAndTheme");

    [Fact]
    public Task It_reads_list_views() => RunAsync("screens.js", "listViews");

    [Fact]
    public Task It_runs_quick_actions() => RunAsync("screens.js", "quickActions");

    [Fact]
    public Task It_calls_apex() => RunAsync("automation.js", "apexRest");

    [Fact]
    public Task It_invokes_flows_and_actions() => RunAsync("automation.js", "invocableActions");

    [Fact]
    public Task It_submits_approves_and_rejects() => RunAsync("automation.js", "approvals");

    [Fact]
    public Task It_lists_and_runs_rules() => RunAsync("automation.js", "processRules");

    [Fact]
    public Task It_is_told_that_the_first_bulk_API_is_not_enabled() => RunAsync("absent.js", "firstBulkApi");

    [Fact]
    public Task It_is_told_which_APIs_are_not_there() => RunAsync("absent.js", "otherApis");

    [Fact]
    public Task It_understands_every_error() => RunAsync("records.js", "errors");

    [Fact]
    public Task It_ingests_in_bulk() => RunAsync("bulk.js", "ingests");

    [Fact]
    public Task It_upserts_in_bulk() => RunAsync("bulk.js", "upserts");

    [Fact]
    public Task It_understands_a_bulk_job_that_failed() => RunAsync("bulk.js", "understandsAFailedJob");

    [Fact]
    public Task It_aborts_a_bulk_job() => RunAsync("bulk.js", "abortsAJob");

    [Fact]
    public Task It_queries_in_bulk() => RunAsync("bulk.js", "queries");

    [Fact]
    public Task It_queries_deleted_rows_in_bulk() => RunAsync("bulk.js", "queriesDeletedRows");

    [Fact]
    public Task It_reads_what_a_bulk_job_left_behind() => RunAsync("bulk.js", "readsWhatAJobLeftBehind");

    [Fact]
    public Task It_uploads_a_file() => RunAsync("bulk.js", "uploadsAFile");

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
    public Task It_hears_a_push_topic_of_its_own() => RunAsync("streaming.js", "hearsAPushTopicOfItsOwn");

    [Fact]
    public Task It_pushes_to_a_generic_channel() => RunAsync("streaming.js", "pushesToAGenericChannel");

    [Fact]
    public Task It_hears_that_a_replay_id_is_not_valid() => RunAsync("streaming.js", "refusesAnUnknownReplayId");

    [Fact]
    public Task It_survives_being_forgotten() => RunAsync("streaming.js", "survivesAForgottenClient");

    [Fact]
    public Task It_hears_that_its_token_is_gone() => RunAsync("streaming.js", "hearsThatItsTokenIsGone");

    private static async Task RunAsync(string file, string scenario)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2), BulkPace = TimeSpan.Zero }, ct);

        string output = await NodeProcess.RunAsync("Jsforce/run.js", [file, scenario, org.Url.ToString().TrimEnd('/')], ct);

        output.ShouldContain($"{scenario}: done");
    }
}
