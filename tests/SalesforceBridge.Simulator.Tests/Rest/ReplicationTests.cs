using System.Globalization;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class ReplicationTests : IAsyncLifetime
{
    private readonly SettableClock _clock = new();
    private OrgDriver _driver = null!;

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async ValueTask InitializeAsync() => _driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = _clock });

    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    [Fact]
    public async Task Updated_records_are_those_of_the_span_and_the_horizon_is_a_whole_minute()
    {
        string before = _driver.Org.Create("Account", new { Name = "before" });
        _clock.Advance(TimeSpan.FromMinutes(20));
        string inside = _driver.Org.Create("Account", new { Name = "inside" });
        _clock.Advance(TimeSpan.FromMinutes(2));

        Answer answer = await AskAsync("updated", Now.AddMinutes(-10), Now);

        Ids(answer).ShouldBe([inside]);
        Ids(await AskAsync("updated", Now.AddMinutes(-30), Now)).ShouldBe([before, inside]);
        Covered(answer).ShouldBe(Minute(Now));
        answer.Headers.Date!.Value.ShouldBe(Now, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_open_transaction_holds_the_horizon_back_and_its_records_come_to_light_with_earlier_times()
    {
        OpenTransaction slow = _driver.Org.Begin();
        slow.Change(transaction => transaction.Create("Account", new { Name = "slow" }));
        _clock.Advance(TimeSpan.FromMinutes(5));
        _driver.Org.Create("Account", new { Name = "quick" });
        _clock.Advance(TimeSpan.FromMinutes(2));

        Covered(await AskAsync("updated", Now.AddMinutes(-10), Now)).ShouldBe(slow.StartedAt);
        _driver.Org.Query("select Name from Account").Count.ShouldBe(1);
        slow.Commit();

        Covered(await AskAsync("updated", Now.AddMinutes(-10), Now)).ShouldBe(Minute(Now));
        _driver.Org.Query("select Name, SystemModstamp from Account order by SystemModstamp")[0].GetProperty("SystemModstamp").GetString()
            .ShouldBe(slow.StartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'.000+0000'", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_transaction_that_is_given_up_leaves_nothing_behind()
    {
        using (OpenTransaction given = _driver.Org.Begin())
            given.Change(transaction => transaction.Create("Account", new { Name = "never" }));
        _clock.Advance(TimeSpan.FromMinutes(5));

        Covered(await AskAsync("updated", Now.AddMinutes(-10), Now)).ShouldBe(Minute(Now));
        _driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task Deleted_records_are_told_until_the_log_is_dropped()
    {
        string id = _driver.Org.Create("Account", new { Name = "A" });
        _driver.Org.Delete("Account", id);
        _clock.Advance(TimeSpan.FromMinutes(5));

        Answer known = await AskAsync("deleted", Now.AddMinutes(-10), Now);
        _driver.Org.ForgetDeletes();
        _clock.Advance(TimeSpan.FromMinutes(2));
        Answer forgotten = await AskAsync("deleted", Now.AddMinutes(-10), Now);

        known.Json.GetProperty("deletedRecords").EnumerateArray().Single().GetProperty("id").GetString().ShouldBe(id);
        Covered(known).ShouldBe(Minute(Now.AddMinutes(-2)));
        (forgotten.Status, forgotten.ErrorCode).ShouldBe((400, "INVALID_REPLICATION_DATE"));
        (await AskAsync("deleted", Now.AddMinutes(-1), Now)).Json.GetProperty("deletedRecords").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("updated", -31 * 24 * 60, 0)]
    [InlineData("updated", 0, 0)]
    [InlineData("deleted", -16 * 24 * 60, 0)]
    [InlineData("deleted", 0, -10)]
    public async Task A_span_that_is_too_long_too_short_or_backwards_is_refused(string what, int from, int to)
    {
        Answer answer = await AskAsync(what, Now.AddMinutes(from), Now.AddMinutes(to));

        (answer.Status, answer.ErrorCode).ShouldBe((400, "INVALID_REPLICATION_DATE"));
    }

    [Theory]
    [InlineData("Order_Placed__e")]
    [InlineData("Nope__c")]
    public async Task What_cannot_be_replicated_is_not_found(string type) =>
        (await _driver.GetAsync($"sobjects/{type}/updated?{Span(Now.AddMinutes(-10), Now)}")).Status.ShouldBe(404);

    private Task<Answer> AskAsync(string what, DateTimeOffset start, DateTimeOffset end) => _driver.GetAsync($"sobjects/Account/{what}?{Span(start, end)}");

    private static string Span(DateTimeOffset start, DateTimeOffset end) => $"start={Text(start)}&end={Text(end)}";

    private static string Text(DateTimeOffset moment) => Uri.EscapeDataString(moment.ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture));

    private static IEnumerable<string?> Ids(Answer answer) => answer.Json.GetProperty("ids").EnumerateArray().Select(id => id.GetString());

    private static DateTimeOffset Covered(Answer answer) => DateTimeOffset.ParseExact(
        answer.Json.GetProperty("latestDateCovered").GetString()!, "yyyy-MM-dd'T'HH:mm:ss.fff'+0000'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset Minute(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}
