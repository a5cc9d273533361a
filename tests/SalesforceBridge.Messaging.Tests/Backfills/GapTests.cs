namespace SalesforceBridge.Messaging.Tests.Backfills;

/// <summary>Which gaps a backfill heals, and what becomes of the others.</summary>
public sealed class GapTests
{
    private static readonly Route One = Loading.Noting("one");
    private static readonly Route Two = Loading.Noting("two");

    [Fact]
    public async Task A_gap_is_healed_when_every_route_on_its_source_is_through()
    {
        await using Loading loading = await Loading.StartAsync(One, Two);
        var gaps = new Gaps(loading.Middle.Database);
        await loading.LoadAsync(Two);
        await gaps.RecordAsync(Loading.Source, "1", "2", "lost", default);
        await gaps.RecordAsync("event E__e", "1", "2", "lost too", default);

        await loading.LoadAsync(One);
        (await OpenAsync(loading)).ShouldBe(["change Account", "event E__e"]);
        await loading.LoadAsync(Two, "Name = 'some'");
        (await OpenAsync(loading)).ShouldBe(["change Account", "event E__e"]);
        await loading.LoadAsync(Two);

        (await OpenAsync(loading)).ShouldBe(["event E__e"]);
        (await loading.Middle.ColumnAsync<string>("select name from bridge.alert")).ShouldBe(["gap in event E__e"]);
        (await gaps.ListAsync(default))[1].Healed.ShouldBe("every record was told again by `bridge backfill`; deletes were not told");
    }

    [Fact]
    public async Task A_gap_that_was_noticed_while_records_were_read_stays_open()
    {
        await using Loading loading = await Loading.StartAsync(One);
        var gaps = new Gaps(loading.Middle.Database);
        await gaps.RecordAsync(Loading.Source, "1", "2", "before", default);
        Backfill begun = await loading.BeginAsync(One);
        await gaps.RecordAsync(Loading.Source, "3", "4", "after", default);
        await loading.StoreAsync(begun, await loading.ReadAsync("A"), isLast: true);

        (await loading.Middle.ColumnAsync<string>("select why from bridge.gap where healed is null")).ShouldBe(["after"]);
        (await loading.Middle.ColumnAsync<string>("select name from bridge.alert")).ShouldBe(["gap in change Account"]);
    }

    [Fact]
    public async Task A_route_that_is_switched_off_does_not_keep_a_gap_open()
    {
        await using Loading loading = await Loading.StartAsync(One, Two);
        await new Gaps(loading.Middle.Database).RecordAsync(Loading.Source, "1", "2", "lost", default);
        await loading.Middle.EnrolAsync(One);

        await loading.LoadAsync(One);

        (await OpenAsync(loading)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gap_is_closed_once_and_the_alert_ends_with_the_last_of_its_source()
    {
        await using Loading loading = await Loading.StartAsync(One);
        var gaps = new Gaps(loading.Middle.Database);
        await gaps.RecordAsync("event E__e", "1", "2", "lost", default);
        await gaps.RecordAsync("event E__e", "3", "4", "lost", default);

        (await gaps.CloseAsync(1, "asked the shop", default)).ShouldBe(GapClosing.Closed);
        (await loading.Middle.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(1);
        (await gaps.CloseAsync(1, "again", default)).ShouldBe(GapClosing.WasHealed);
        (await gaps.CloseAsync(2, "asked the shop", default)).ShouldBe(GapClosing.Closed);
        (await gaps.CloseAsync(3, "asked the shop", default)).ShouldBe(GapClosing.Unknown);

        (await loading.Middle.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);
        (await loading.Middle.ColumnAsync<string>("select distinct healed from bridge.gap")).ShouldBe(["closed: asked the shop"]);
    }

    private static Task<List<string>> OpenAsync(Loading loading) => loading.Middle.ColumnAsync<string>("select source from bridge.gap where healed is null order by source");
}
