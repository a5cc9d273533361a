using System.Text;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Backfills;

public sealed class UntoldChangeTests
{
    private const string Source = "change Account";

    [Fact]
    public async Task A_change_that_is_told_twice_is_noted_once()
    {
        await using Middle middle = await Middle.StartAsync();
        var changes = new UntoldChanges(middle.Database);

        await changes.NoteAsync(Of("a", "b"), "17", "untold", default);
        await changes.NoteAsync(Of("a", "b"), "17", "untold", default);
        await changes.NoteAsync(Of("a"), "18", "untold", default);

        (await changes.OpenAsync(default)).Select(change => string.Join(' ', change.Records)).ShouldBe(["a b", "a"]);
    }

    [Fact]
    public async Task Records_are_told_to_every_route_part_by_part_until_none_is_left()
    {
        await using Middle middle = await Middle.StartAsync();
        var changes = new UntoldChanges(middle.Database);
        await changes.NoteAsync(Of("a", "b", "c"), "17", "untold", default);

        (await changes.StoreAsync(await OpenAsync(changes), Page(0, "a", "b"), ["c"], default)).ShouldBeTrue();
        (await OpenAsync(changes)).Records.ShouldBe(["c"]);
        (await changes.StoreAsync(await OpenAsync(changes), Page(0), [], default)).ShouldBeTrue();

        (await changes.OpenAsync(default)).ShouldBeEmpty();
        (await middle.ColumnAsync<string>("select key || coalesce(for_route, '') from bridge.inbox order by id")).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task One_about_which_a_message_came_meanwhile_is_left()
    {
        await using Middle middle = await Middle.StartAsync();
        var changes = new UntoldChanges(middle.Database);
        await changes.NoteAsync(Of("a", "b"), "17", "untold", default);
        await middle.ExecuteAsync($"insert into bridge.inbox (source, key, payload) values ('{Source}', 'b', '{{}}')");

        (await changes.StoreAsync(await OpenAsync(changes), Page(0, "a", "b"), [], default)).ShouldBeFalse();

        (await OpenAsync(changes)).Records.ShouldBe(["b"]);
        (await middle.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(["b", "a"]);
    }

    [Theory]
    [InlineData("update bridge.gap set healed_at = now()")]
    [InlineData("update bridge.gap set records = '{b}'")]
    public async Task Where_somebody_else_was_faster_nothing_happens(string what)
    {
        await using Middle middle = await Middle.StartAsync();
        var changes = new UntoldChanges(middle.Database);
        await changes.NoteAsync(Of("a", "b"), "17", "untold", default);
        UntoldChange open = await OpenAsync(changes);
        await middle.ExecuteAsync(what);

        await changes.StoreAsync(open, Page(0, "a", "b"), [], default);

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
    }

    private static async Task<UntoldChange> OpenAsync(UntoldChanges changes) => (await changes.OpenAsync(default)).ShouldHaveSingleItem();

    private static UntoldChange Of(params string[] records) => new(0, Source, "Account", records, null, 0);

    private static BackfillPage Page(long noted, params string[] records) => new(
        noted, [.. records.Select(record => new BackfillRecord(record, new NewMessage(Source, Encoding.UTF8.GetBytes("{}")) { Key = record }))]);
}
