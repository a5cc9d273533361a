using System.Text.Json;
using SalesforceBridge.Simulator.HerokuConnect;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>An org and a database that a stand-in for Heroku Connect keeps alike: when the test says so, unless it is told to by itself.</summary>
internal sealed class SyncedTables : IAsyncDisposable
{
    public static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private SyncedTables(SimulatedOrg org, TestDatabase database, HerokuConnectOptions options, HerokuConnectStandIn standIn) =>
        (Org, Database, Options, StandIn) = (org, database, options, standIn);

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public SimulatedOrg Org { get; }

    public TestDatabase Database { get; }

    public HerokuConnectOptions Options { get; }

    public HerokuConnectStandIn StandIn { get; }

    public static MappingOptions[] Mappings =>
    [
        new("Contact", "FirstName", "LastName", "Email", "Phone", "Birthdate", "AccountId", "Account.External_Id__c"),
        new("Account", "Name", "AnnualRevenue", "NumberOfEmployees", "Active__c", "External_Id__c") { UpsertField = "External_Id__c" },
        new("Order__c", "Name", "Amount__c", "Note__c", "Accepted_At__c", "Account__r.External_Id__c"),
        new("Opportunity", "Name", "StageName", "CloseDate") { Access = MappingAccess.ReadOnly },
    ];

    /// <param name="prepare">Called with the org before anything is loaded.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="clock">The org's and the stand-in's.</param>
    public static async Task<SyncedTables> StartAsync(
        Action<SimulatedOrg>? prepare = null, Func<HerokuConnectOptions, HerokuConnectOptions>? change = null, TimeProvider? clock = null)
    {
        SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { TimeProvider = clock ?? TimeProvider.System }, Ct);
        prepare?.Invoke(org);
        TestDatabase database = await TestDatabase.CreateAsync();
        var options = new HerokuConnectOptions
        {
            ConnectionString = database.ConnectionString,
            Mappings = Mappings,
            ReadEvery = Never,
            WriteEvery = Never,
            WritePause = Never,
        };
        options = change?.Invoke(options) ?? options;
        return new SyncedTables(org, database, options, await HerokuConnectStandIn.StartAsync(org, options, Ct));
    }

    public Task ExecuteAsync(string sql) => Database.ExecuteAsync(sql);

    public Task<T> ScalarAsync<T>(string sql) => Database.ScalarAsync<T>(sql);

    public Task<List<string>> ColumnAsync(string sql) => Database.ColumnAsync<string>(sql);

    /// <summary>As an app, which learns the new row's id.</summary>
    public Task<int> InsertAsync(string table, string columns, string values) =>
        Database.ScalarAsync<int>($"insert into salesforce.{table} ({columns}) values ({values}) returning id");

    public Task WriteAsync() => StandIn.WriteNowAsync(Ct);

    public Task ReadAsync() => StandIn.ReadNowAsync(Ct);

    /// <summary>Both ways, until both sides have everything.</summary>
    public async Task SyncAsync()
    {
        await WriteAsync();
        await ReadAsync();
    }

    /// <summary>Waits until a query says true, which no row is not; it is asked whenever something was read or written.</summary>
    public async Task UntilAsync(string sql)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        Task pass = StandIn.NextPassAsync(limit.Token);
        while (!await Database.ScalarAsync<bool>($"select coalesce(({sql}), false)"))
        {
            await pass;
            pass = StandIn.NextPassAsync(limit.Token);
        }
    }

    /// <summary>The log and its archive, in order: what was captured, and how far it is.</summary>
    public Task<List<string>> LogAsync() => ColumnAsync("""
        select concat_ws(' ', action, table_name, state) from (
            select id, action, table_name, state from salesforce._trigger_log union all
            select id, action, table_name, state from salesforce._trigger_log_archive) entry order by id
        """);

    /// <summary>How a contact's row stands: its last operation.</summary>
    public Task<string> StatusAsync(int id, string table = "contact") => ScalarAsync<string>($"select _hc_lastop from salesforce.{table} where id = {id}");

    public Task<string> SfidAsync(int id, string table = "contact") => ScalarAsync<string>($"select sfid from salesforce.{table} where id = {id}");

    public string? TextInOrg(string type, string id, string field) => Org.Read(type, id) is { } record && record.GetProperty(field).ValueKind is JsonValueKind.String
        ? record.GetProperty(field).GetString()
        : null;

    public async ValueTask DisposeAsync()
    {
        await StandIn.DisposeAsync();
        await Org.DisposeAsync();
        await Database.DisposeAsync();
    }
}
