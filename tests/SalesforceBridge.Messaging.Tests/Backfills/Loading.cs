using System.Text;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Backfills;

/// <summary>A middle with a source that somebody listens to, and what is read of it.</summary>
internal sealed class Loading : IAsyncDisposable
{
    public const string Source = "change Account";

    private Loading(Middle middle) => (Middle, Log) = (middle, new BackfillLog(middle.Database));

    public Middle Middle { get; }

    public BackfillLog Log { get; }

    /// <summary>A route that notes what it is told.</summary>
    public static Route Noting(string name, string headers = "") => Middle.Route(
        name, $"-- on: {Source}\n-- retry: 1\n{headers}insert into told (route, id, what) select '{name}', id, coalesce(payload->>'n', payload->'ChangeEventHeader'->>'changeType') from message");

    public static async Task<Loading> StartAsync(params Route[] routes)
    {
        var loading = new Loading(await Middle.StartAsync());
        await loading.Middle.ExecuteAsync("create table told (route text, id bigint, what text)");
        await loading.Middle.EnrolAsync(routes);
        await loading.Middle.ExecuteAsync("update bridge.cursor set position = '1' where name not like 'route %' and name not like 'lane %'");
        return loading;
    }

    public async Task<Backfill> BeginAsync(Route route, string? condition = null, bool restart = false) =>
        await Log.BeginAsync(route.Definition, condition, restart, default) switch
        {
            BackfillStart.Began(var began) => began,
            BackfillStart.GoesOn(var goesOn) => goesOn,
            var refused => throw new InvalidOperationException($"{refused}"),
        };

    /// <summary>A page of records with these ids, read now.</summary>
    public async Task<BackfillPage> ReadAsync(params string[] ids) => new(await Log.NewestAsync(Source, default), [.. ids.Select(Record)]);

    public static BackfillRecord Record(string id) => Record(id, $$"""{"n":"{{id}}"}""");

    public static BackfillRecord Record(string id, string payload) => new(id, new NewMessage(Source, Encoding.UTF8.GetBytes(payload)) { Key = id, DedupeKey = "none" });

    /// <summary>Stores a page; what is put off is the place where it goes on.</summary>
    public Task<Backfill> StoreAsync(Backfill at, BackfillPage page, bool isLast = false) =>
        Log.StoreAsync(at, page, putOff => isLast ? null : $"after {page.Records.Count} {string.Join(' ', putOff)}", default);

    /// <summary>Reads a route's records from begin to end.</summary>
    public async Task LoadAsync(Route route, string? condition = null)
    {
        Backfill begun = await BeginAsync(route, condition, restart: true);
        await StoreAsync(begun, await ReadAsync("A"), isLast: true);
    }

    public Task<List<string>> ToldAsync(string route) => Middle.ColumnAsync<string>($"select what from told where route = '{route}' order by id");

    /// <summary>Waits until all routes are through.</summary>
    public Task AreThroughAsync() => Middle.UntilAsync(
        $"select bool_and(position::bigint = (select max(id) from bridge.inbox where source = '{Source}')) from bridge.cursor where name like 'route % on {Source}'");

    public ValueTask DisposeAsync() => Middle.DisposeAsync();
}
