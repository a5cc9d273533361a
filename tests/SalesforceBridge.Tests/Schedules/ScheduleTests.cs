using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Schedules;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData("every 5m", "2026-11-22T20:01:10Z", "2026-11-22T20:05:00Z", "2026-11-22T20:10:00Z")]
    [InlineData("every 5m", "2026-11-22T20:05:00Z", "2026-11-22T20:10:00Z", "2026-11-22T20:15:00Z")]
    [InlineData("every 1d", "2026-11-22T20:05:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")]
    [InlineData("every 7d", "1970-01-01T00:00:00Z", "1970-01-08T00:00:00Z", "1970-01-15T00:00:00Z")]
    [InlineData("every 1500ms", "1970-01-01T00:00:01Z", "1970-01-01T00:00:01.5Z", "1970-01-01T00:00:03Z")]
    [InlineData("cron 0 */5 * * * ?", "2026-11-22T20:01:10Z", "2026-11-22T20:05:00Z", "2026-11-22T20:10:00Z")]
    [InlineData("cron 0 0 9 ? * MON-FRI", "2026-11-20T20:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z")]
    [InlineData("cron 0 0 9 ? * MON-FRI Europe/Berlin", "2026-11-20T20:00:00Z", "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z")]
    [InlineData("cron 0 0 9 ? * MON-FRI 2026-2030 Europe/Berlin", "2026-11-20T20:00:00Z", "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z")]
    [InlineData("cron 0 0 0 L * ? UTC", "2026-11-22T20:00:00Z", "2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z")]
    public void A_schedule_fires_at_times_that_only_its_text_decides(string source, string after, params string[] times) =>
        TimesOf(source, after, times.Length).ShouldBe(times);

    [Theory]
    [InlineData("cron 0 30 2 * * ? Europe/Berlin", "2027-03-27T00:00:00Z", "2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z")]
    [InlineData("cron 0 30 2 * * ? America/New_York", "2027-03-13T00:00:00Z", "2027-03-13T07:30:00Z", "2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z")]
    [InlineData("cron 0 */30 1-3 * * ? Europe/Berlin", "2027-03-28T00:10:00Z", "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z", "2027-03-28T01:30:00Z")]
    [InlineData("cron 0 0 9 * * ? Europe/Berlin", "2027-03-27T00:00:00Z", "2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z", "2027-03-29T07:00:00Z")]
    public void A_time_that_summer_time_takes_away_fires_at_the_moment_of_the_change(string source, string after, params string[] times) =>
        TimesOf(source, after, times.Length).ShouldBe(times);

    [Theory]
    [InlineData("cron 0 30 2 * * ? Europe/Berlin", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z")]
    [InlineData("cron 0 30 1 * * ? America/New_York", "2027-11-06T12:00:00Z", "2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z")]
    [InlineData("cron 0 0 * * * ? Europe/Berlin", "2027-10-30T23:30:00Z", "2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z", "2027-10-31T02:00:00Z")]
    [InlineData("cron 0 0 * * * ? America/New_York", "2027-11-07T04:30:00Z", "2027-11-07T05:00:00Z", "2027-11-07T06:00:00Z", "2027-11-07T07:00:00Z")]
    public void Of_a_time_that_comes_twice_the_first_fires_and_both_where_hours_repeat(string source, string after, params string[] times) =>
        TimesOf(source, after, times.Length).ShouldBe(times);

    [Theory]
    [InlineData("2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z")]
    [InlineData("2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z", "2027-10-31T02:00:00Z")]
    public void An_interval_knows_no_summer_time(string after, params string[] times) => TimesOf("every 1h", after, times.Length).ShouldBe(times);

    [Theory]
    [InlineData("cron 0 0 25 * * ?", "`0 0 25 * * ?` is no Quartz expression (Hour values must be between 0 and 23); write seconds, minutes, hours, days, months and weekdays (`cron 0 0 9 ? * MON-FRI`)")]
    [InlineData("cron 99 * * * * ?", "`99` is out of range in `99 * * * * ?`; seconds and minutes go to 59, hours to 23, days to 31, months to 12")]
    [InlineData("cron 0 5,98 * * * ?", "`98` is out of range in `0 5,98 * * * ?`; seconds and minutes go to 59, hours to 23, days to 31, months to 12")]
    [InlineData("cron 0 0 0 30 2 ?", "`cron 0 0 0 30 2 ?` never fires, since there is no such day; correct the day, the month or the year")]
    [InlineData("cron 0 0 9 * * ? Mars/Base", "there is no time zone `Mars/Base`; write one of the IANA database (`Europe/Berlin`), or none for UTC")]
    [InlineData("cron 0 0 9 * * ? Europe", "there is no time zone `Europe`; write one of the IANA database (`Europe/Berlin`), or none for UTC")]
    public void What_is_no_schedule_is_told_with_what_to_write(string source, string fault) =>
        Should.Throw<FormatException>(() => Schedule.Of(SourceName.Parse(source))).Message.ShouldBe(fault);

    [Fact]
    public void A_year_that_is_over_is_told_and_keeps_what_it_still_owes()
    {
        RouteDefinition route = RouteFile.Parse("once", "-- on: cron 0 0 12 24 12 ? 2026\nselect 1").Definition!;

        ScheduleRules.OverSince(route, FiringWorker.Moment("2026-12-24T11:59:59Z")).ShouldBeNull();
        ScheduleRules.OverSince(route, FiringWorker.Moment("2026-12-24T12:00:00Z"))
            .ShouldBe("on: `cron 0 0 12 24 12 ? 2026` does not fire any more; correct the year, or remove the route");
        ScheduleRules.FaultsOf(route, []).ShouldBeEmpty();
    }

    [Fact]
    public void Routes_on_one_schedule_agree_about_missed_fires()
    {
        RouteDefinition daily = RouteFile.Parse("daily", "-- on: every 1d\n-- misfire: all\nselect 1").Definition!;
        RouteDefinition other = RouteFile.Parse("other", "-- on: every 1d\nselect 1").Definition!;

        ScheduleRules.FaultsOf(other, [daily]).ShouldBe(
            ["`misfire: once` differs from `misfire: all` of route daily, and `every 1d` fires once for both; write the same in both files"]);
        ScheduleRules.FaultsOf(other with { Misfire = Misfire.All }, [daily]).ShouldBeEmpty();
        ScheduleRules.FaultsOf(other, [daily with { Enabled = false }]).ShouldBeEmpty();
    }

    private static List<string> TimesOf(string source, string after, int count)
    {
        var schedule = Schedule.Of(SourceName.Parse(source));
        List<string> times = [];
        for (DateTimeOffset? time = schedule.NextAfter(FiringWorker.Moment(after)); times.Count < count; time = schedule.NextAfter(time.Value))
            times.Add(ScheduleMessages.Text(time!.Value));
        return times;
    }
}
