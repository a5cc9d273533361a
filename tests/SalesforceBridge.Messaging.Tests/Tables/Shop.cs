using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>A middle beside a table as Heroku Connect keeps it, and what became of its changes.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const string Source = "table salesforce.contact";

    private Shop(Middle middle) => Middle = middle;

    public static MessagingOptions Quick { get; } = Middle.Quick with { TableCare = TimeSpan.FromMilliseconds(100), ReloadQuiet = TimeSpan.FromMilliseconds(400) };

    /// <summary>Polls all the time and late rows are late after a minute; all of a table is compared only when a test says so.</summary>
    public static MessagingOptions Polled { get; } = Quick with
    {
        Idle = TimeSpan.FromMilliseconds(50),
        TablePoll = TimeSpan.FromMilliseconds(20),
        PollOverlap = TimeSpan.FromMinutes(1),
        PollReconcile = TimeSpan.FromHours(1),
    };

    public Middle Middle { get; }

    /// <summary>A route that only listens, so that the table is watched; more header lines may be given.</summary>
    public static Route Listener(string headers = "", string name = "listens") =>
        Middle.Route(name, $"-- on: {Source}\n{headers}{(headers.Length > 0 ? "\n" : "")}select 1 from message");

    public static async Task<Shop> OpenAsync(MessagingOptions? options = null)
    {
        var shop = new Shop(await Middle.StartAsync(options ?? Quick));
        await shop.ExecuteAsync("create schema salesforce");
        await shop.CreateTableAsync();
        return shop;
    }

    public Task CreateTableAsync() => ExecuteAsync("""
        create table salesforce.contact (
            id serial primary key, sfid varchar(18) unique, email varchar(80), phone varchar(40), rating double precision,
            systemmodstamp timestamp, isdeleted boolean, _hc_lastop varchar(32), _hc_err text);
        create index hc_idx_contact_systemmodstamp on salesforce.contact (systemmodstamp)
        """);

    public Task ExecuteAsync(string sql) => Middle.ExecuteAsync(sql);

    /// <summary>As Heroku Connect writes.</summary>
    public Task ExecuteAsSalesforceAsync(string sql) => ExecuteAsync($"begin; set local xmlbinary to 'hex'; {sql}; commit");

    /// <summary>Starts the routes and the drain, and waits until the table is watched and nothing is due.</summary>
    public async Task<RunningWorker> WatchAsync(params Route[] routes)
    {
        RunningWorker worker = await Middle.RunWithTablesAsync(routes.Length > 0 ? routes : [Listener()]);
        await IsSettledAsync();
        return worker;
    }

    public Task IsSettledAsync() => Middle.UntilAsync(
        "select bool_and(due is null) and (select last_value > 0 from bridge.capture) and exists (select from pg_trigger where tgrelid = to_regclass('salesforce.contact') and tgname like '!row%') from bridge.watch");

    /// <summary>A route that has the table polled.</summary>
    public static Route Poller(string table = "salesforce.contact") => Middle.Route("polls", $"-- on: table {table}\n-- mode: poll\nselect 1 from message");

    /// <summary>Starts a route that has the table polled, and waits until that has begun.</summary>
    public async Task<RunningWorker> PollAsync(Route? route = null)
    {
        RunningWorker worker = await Middle.RunWithTablesAsync(route ?? Poller());
        await Middle.UntilAsync("select bool_and(due is null and mode = 'poll') from bridge.watch");
        return worker;
    }

    /// <summary>Waits until a whole poll began and ended: the first may have begun before.</summary>
    public async Task IsPolledAsync()
    {
        for (int pass = 0; pass < 2; pass++)
        {
            string seen = await Middle.ScalarAsync<string>("select seen_at::text from bridge.watch");
            await Middle.UntilAsync($"select seen_at::text <> '{seen}' from bridge.watch");
        }
    }

    /// <summary>Has all of the table compared.</summary>
    public async Task IsReconciledAsync()
    {
        await ExecuteAsync("begin; select from bridge.cursor where name = 'tables' for update; update bridge.watch set reconciled_at = null; commit");
        await Middle.UntilAsync("select reconciled_at is not null from bridge.watch");
    }

    /// <summary>Waits until nothing waits.</summary>
    public Task IsDrainedAsync() => Middle.UntilAsync("select count(*) = 0 from bridge.change");

    /// <summary>The messages so far, in their order.</summary>
    public async Task<IReadOnlyList<JsonNode>> MessagesAsync(string source = Source) =>
        [.. (await Middle.ColumnAsync<string>($"select payload::text from bridge.inbox where source = '{source}' order by id")).Select(text => JsonNode.Parse(text)!)];

    /// <summary>The messages so far as <c>operation key</c>.</summary>
    public Task<List<string>> ToldAsync() =>
        Middle.ColumnAsync<string>($"select concat_ws(' ', payload->>'operation', key) from bridge.inbox where source = '{Source}' order by id");

    public ValueTask DisposeAsync() => Middle.DisposeAsync();
}
