using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Org;

public sealed class ApiCallLogTests
{
    [Fact]
    public async Task Of_what_is_left_processes_put_aside_smaller_and_smaller_parts_and_together_never_more()
    {
        await using Middle middle = await Middle.StartAsync();
        var log = new ApiCallLog(middle.Database);

        ApiTally first = await log.NoteAsync([], null, want: 50, limit: 100, default);
        ApiTally second = await log.NoteAsync([], null, want: 5, limit: 100, default);
        ApiTally[] all = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => log.NoteAsync([], null, want: 50, limit: 100, default)));

        (first.Granted, first.Calls).ShouldBe((10, 10));
        (second.Granted, second.Calls).ShouldBe((5, 15));
        (first.Granted + second.Granted + all.Sum(tally => tally.Granted)).ShouldBe(100);
        (await middle.ScalarAsync<decimal>("select sum(calls) from bridge.api_call")).ShouldBe(100);
    }

    [Fact]
    public async Task What_was_made_takes_the_place_of_what_was_put_aside_and_what_was_not_goes_back()
    {
        await using Middle middle = await Middle.StartAsync();
        var log = new ApiCallLog(middle.Database);
        ApiTally taken = await log.NoteAsync([], null, want: 10, limit: 100, default);

        ApiTally made = await log.NoteAsync([new(null, "lane a", 3), new(null, "command query", 1), new(taken.Hour, ApiCallLog.Taken, -10)], null, want: 0, limit: 100, default);

        made.Calls.ShouldBe(4);
        (await log.CountAsync(default)).ShouldBe([new ApiCallCount("lane a", 3), new ApiCallCount("command query", 1)]);
    }

    [Fact]
    public async Task What_the_org_said_last_is_kept_for_all()
    {
        await using Middle middle = await Middle.StartAsync();
        await new OrgBinding(middle.Database).BindAsync("00D000000000001EAA", default);
        var log = new ApiCallLog(middle.Database);
        (await log.NoteAsync([], null, want: 0, limit: null, default)).Quota.ShouldBeNull();

        await log.NoteAsync([], new OrgQuota(5, 100, TimeSpan.FromSeconds(1)), want: 0, limit: null, default);
        ApiTally late = await log.NoteAsync([], new OrgQuota(4, 100, TimeSpan.FromMinutes(1)), want: 0, limit: null, default);

        late.Quota.ShouldNotBeNull().Used.ShouldBe(5);
        late.Quota.Age.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Hours_count_until_they_are_a_day_ago_and_are_forgotten_a_day_later()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("""
            insert into bridge.api_call select date_trunc('hour', now() - n * interval '1 hour'), 'lane a', 1 from generate_series(0, 60) n
            """);
        var log = new ApiCallLog(middle.Database);

        ApiTally tally = await log.NoteAsync([new(null, "lane b", 1)], null, want: 0, limit: null, default);

        tally.Calls.ShouldBe(26);
        (await middle.ScalarAsync<long>("select count(*) from bridge.api_call")).ShouldBe(50);
    }
}
