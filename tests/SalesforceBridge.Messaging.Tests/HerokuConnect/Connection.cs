using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>A middle beside a connection of Heroku Connect: its system tables, one mapped table, and what Connect does to its log.</summary>
internal sealed class Connection : IAsyncDisposable
{
    public const string Source = "connect-error";

    private Connection(Middle middle, string schema) => (Middle, Schema) = (middle, schema);

    public static MessagingOptions Quick { get; } = Middle.Quick with { HerokuConnectLook = TimeSpan.FromMilliseconds(50) };

    public Middle Middle { get; }

    public string Schema { get; }

    /// <summary>A route that only listens; more header lines may be given.</summary>
    public static Route Listener(string headers = "-- replay: earliest", string on = Source, string name = "listens") =>
        Middle.Route(name, $"-- on: {on}\n{headers}{(headers.Length > 0 ? "\n" : "")}select 1 from message");

    public static async Task<Connection> OpenAsync(string schema = "org", MessagingOptions? options = null)
    {
        var connection = new Connection(await Middle.StartAsync(options ?? Quick), schema);
        await connection.ExecuteAsync("create extension hstore");
        await ConnectAsync(connection.Middle, schema);
        return connection;
    }

    /// <summary>Makes what Connect makes in a schema.</summary>
    public static Task ConnectAsync(Middle middle, string schema) => middle.ExecuteAsync(Layout.Replace("org.", $"{schema}.").Replace("schema org;", $"schema {schema};"));

    public Task<RunningWorker> ListenAsync(params Route[] routes) => ListenAsync(Middle, routes);

    public static async Task<RunningWorker> ListenAsync(Middle middle, params Route[] routes)
    {
        Route[] all = routes.Length > 0 ? routes : [Listener()];
        var errors = new HerokuConnectErrors(middle.Database, middle.Cursors, middle.Bells, new StorageGauge(middle.Database), new HerokuConnectMetrics(middle.Meters),
            all.Any(route => route.Definition.Replay == RouteReplay.Earliest), middle.Time, middle.Log.For<HerokuConnectErrors>());
        IReadOnlyList<ILeasedWork> works = [.. await middle.Book().OpenAsync(all, default), errors];
        await middle.Cursors.EnrolAsync([.. works.Select(work => (work.Cursor, (string?)null))], default);
        return new(new Worker(middle.Database, middle.Cursors, middle.Bells, works, middle.Time, middle.Log.For<Worker>()));
    }

    public Task ExecuteAsync(string sql) => Middle.ExecuteAsync(sql.Replace("org.", $"{Schema}."));

    /// <summary>A change that an app made, as it stands in the log.</summary>
    /// <returns>Its id there.</returns>
    public Task<int> CaptureAsync(string state = "NEW", string action = "UPDATE", string table = "contact", int record = 1, string columns = "", string values = "") =>
        Middle.ScalarAsync<int>($"insert into {Schema}._trigger_log (state, action, table_name, record_id{columns}) values ('{state}', '{action}', '{table}', {record}{values}) returning id");

    /// <summary>Connect fails to send it.</summary>
    public Task FailAsync(int id, string error = "REQUIRED_FIELD_MISSING") =>
        ExecuteAsync($"update org._trigger_log set state = 'FAILED', processed_at = clock_timestamp(), sf_message = '{error}' where id = {id}");

    /// <summary>Connect moves it to the archive.</summary>
    public Task ArchiveAsync(int id) =>
        ExecuteAsync($"with moved as (delete from org._trigger_log where id = {id} returning *) insert into org._trigger_log_archive select * from moved");

    /// <summary>Waits until two whole looks have begun after this moment.</summary>
    public async Task IsLookedAtAsync()
    {
        for (int n = 0; n < 2; n++)
        {
            await ExecuteAsync("update bridge.cursor set updated_at = '-infinity' where name = 'connect-error'");
            await Middle.UntilAsync("select updated_at > '-infinity' from bridge.cursor where name = 'connect-error'");
        }
    }

    /// <summary>Waits until so many messages are there and another look adds none.</summary>
    public async Task ToldAsync(int count)
    {
        await Middle.UntilAsync($"select count(*) >= {count} from bridge.inbox");
        await IsLookedAtAsync();
        (await Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(count);
    }

    /// <summary>The messages so far, in their order.</summary>
    public async Task<IReadOnlyList<JsonNode>> MessagesAsync() =>
        [.. (await Middle.ColumnAsync<string>("select payload::text from bridge.inbox order by id")).Select(text => JsonNode.Parse(text)!)];

    public ValueTask DisposeAsync() => Middle.DisposeAsync();

    private const string Layout = """
        create schema org;
        create table org._hcmeta (id int, hcver int, org_id varchar(50), details text);
        create table org._trigger_log (
            id serial primary key, txid bigint default txid_current(), created_at timestamptz default clock_timestamp(), updated_at timestamptz default now(),
            processed_at timestamptz, processed_tx bigint, state varchar(8), action varchar(7), table_name varchar(128), record_id int,
            sfid varchar(18), old text, "values" text, sf_result int, sf_message text);
        create table org._trigger_log_archive (like org._trigger_log);
        alter table org._trigger_log_archive add primary key (id);
        create index on org._trigger_log (created_at);
        create index on org._trigger_log (state, id);
        create index on org._trigger_log (state, table_name) where state in ('NEW', 'PENDING');
        create index on org._trigger_log_archive (created_at);
        create index on org._trigger_log_archive (record_id);
        create index failed_in_archive on org._trigger_log_archive (state, table_name) where state = 'FAILED';
        create table org.contact (id serial primary key, sfid varchar(18), email varchar(80), phone varchar(40), _hc_lastop varchar(32), _hc_err text);
        create function org.hc_capture_insert_from_row(source_row hstore, table_name varchar, excluded_cols text[] default array[]::text[]) returns int
        language sql as $$
            insert into org._trigger_log (state, action, table_name, record_id, "values")
            select 'NEW', 'INSERT', table_name, (source_row -> 'id')::int, (source_row - excluded_cols - array['_hc_lastop', '_hc_err'])::text
            where source_row -> 'id' is not null returning id
        $$;
        create function org.hc_capture_update_from_row(source_row hstore, table_name varchar, columns_to_include text[] default array[]::text[]) returns int
        language sql as $$
            insert into org._trigger_log (state, action, table_name, record_id, sfid, "values")
            select 'NEW', 'UPDATE', table_name, (source_row -> 'id')::int, source_row -> 'sfid',
                   case when cardinality(columns_to_include) > 0 then slice(source_row, columns_to_include) else source_row - array['_hc_lastop', '_hc_err'] end::text
            where source_row -> 'id' is not null returning id
        $$;
        """;
}
