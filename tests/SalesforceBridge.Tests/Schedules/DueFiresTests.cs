using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Schedules;

public sealed class DueFiresTests
{
    private const string Hourly = "every 1h";
    private const string EveryHalfMinute = "every 30s";

    [Theory]
    // Nothing is due before its time; at its time it is.
    [InlineData(Hourly, Misfire.Once, "12:00:00", "12:59:59", "12:00:00", "")]
    [InlineData(Hourly, Misfire.Once, "12:00:00", "13:00:00", "13:00:00", "13:00:00 0")]
    // A minute late is in time, for each policy.
    [InlineData(Hourly, Misfire.Once, "12:00:00", "13:01:00", "13:00:00", "13:00:00 0")]
    [InlineData(Hourly, Misfire.All, "12:00:00", "13:01:00", "13:00:00", "13:00:00 0")]
    [InlineData(Hourly, Misfire.Skip, "12:00:00", "13:01:00", "13:00:00", "13:00:00 0")]
    // More is missed.
    [InlineData(Hourly, Misfire.Once, "12:00:00", "13:01:01", "13:00:00", "13:00:00 0")]
    [InlineData(Hourly, Misfire.Skip, "12:00:00", "13:01:01", "13:00:00", "")]
    // Three hours away: the latest stands for all, or each for itself, or none.
    [InlineData(Hourly, Misfire.Once, "12:00:00", "15:30:00", "15:00:00", "15:00:00 2")]
    [InlineData(Hourly, Misfire.All, "12:00:00", "15:30:00", "15:00:00", "13:00:00 0, 14:00:00 0, 15:00:00 0")]
    [InlineData(Hourly, Misfire.Skip, "12:00:00", "15:30:00", "15:00:00", "")]
    // One that is in time stands for those before it.
    [InlineData(Hourly, Misfire.Once, "12:00:00", "15:00:10", "15:00:00", "15:00:00 2")]
    [InlineData(Hourly, Misfire.All, "12:00:00", "15:00:10", "15:00:00", "13:00:00 0, 14:00:00 0, 15:00:00 0")]
    [InlineData(Hourly, Misfire.Skip, "12:00:00", "15:00:10", "15:00:00", "15:00:00 0")]
    // Of several in time the first stands for what was missed, and the others are made as ever.
    [InlineData(EveryHalfMinute, Misfire.Once, "12:00:00", "12:03:10", "12:03:00", "12:02:30 4, 12:03:00 0")]
    [InlineData(EveryHalfMinute, Misfire.Skip, "12:00:00", "12:03:10", "12:03:00", "12:02:30 0, 12:03:00 0")]
    // A worker that was busy for three seconds has missed nothing.
    [InlineData("every 1s", Misfire.Skip, "12:00:00", "12:00:03", "12:00:03", "12:00:01 0, 12:00:02 0, 12:00:03 0")]
    public void What_is_due_follows_from_position_time_and_policy(string source, Misfire misfire, string position, string now, string next, string fires)
    {
        DueFires due = Since(source, misfire, position, now);

        string.Join(", ", due.Fires.Select(fire => $"{fire.ScheduledAt:HH:mm:ss} {fire.Missed}")).ShouldBe(fires);
        due.Position.ShouldBe(At(next));
        due.TooMany.ShouldBe(0);
    }

    [Fact]
    public void All_missed_fires_are_made_up_for_up_to_a_thousand_of_the_newest()
    {
        DueFires due = Since("every 1s", Misfire.All, "12:00:00", "13:00:00");

        due.TooMany.ShouldBe(2539);
        due.Fires.Count.ShouldBe(1000 + 61);
        due.Fires[0].ScheduledAt.ShouldBe(At("12:42:20"));
        due.Fires[^1].ScheduledAt.ShouldBe(At("13:00:00"));
    }

    [Fact]
    public void What_was_missed_in_a_year_of_seconds_is_counted()
    {
        DateTimeOffset position = At("12:00:00").AddYears(-1);

        var due = DueFires.Since(position, At("12:00:00"), Schedule.Of(SourceName.Parse("every 1s")), Misfire.Once);

        due.Fires[0].ShouldBe(new Fire(At("11:59:00"), (365 * 86_400) - 61));
    }

    private static DueFires Since(string source, Misfire misfire, string position, string now) =>
        DueFires.Since(At(position), At(now), Schedule.Of(SourceName.Parse(source)), misfire);

    private static DateTimeOffset At(string time) => FiringWorker.Moment($"2026-11-22T{time}Z");
}
