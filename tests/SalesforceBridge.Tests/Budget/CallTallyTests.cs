using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Tests.Budget;

/// <summary>What a process puts aside of a number is given back for the hour in which it was put aside, so that a day later it is neither missing nor there twice.</summary>
public sealed class CallTallyTests
{
    private static readonly DateTimeOffset Nine = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Ten = Nine.AddHours(1);

    private readonly CallTally _tally = new(new ApiBudget.Requests(1000), TimeProvider.System);

    [Fact]
    public void What_was_put_aside_in_two_hours_is_given_back_for_each()
    {
        Grant(10, Nine);
        Make(7);
        Grant(10, Ten);
        Make(5);

        Empty(givesBack: true).ShouldBe(["lane a: 12", "09:00: -10", "10:00: -10"]);
        _tally.Taken.ShouldBe(0);
    }

    [Fact]
    public void The_oldest_is_used_first()
    {
        Grant(10, Nine);
        Grant(10, Ten);
        Make(12);

        Empty(givesBack: false).ShouldBe(["lane a: 12", "09:00: -10", "10:00: -2"]);
        _tally.Taken.ShouldBe(8);
    }

    [Fact]
    public void What_could_not_be_written_down_is_written_down_later_for_the_same_hours()
    {
        Grant(10, Nine);
        Grant(10, Ten);
        Make(12);
        _tally.PutBack(_tally.Empty(givesBack: false).Notes);

        Empty(givesBack: true).ShouldBe(["lane a: 12", "09:00: -10", "10:00: -10"]);
    }

    [Fact]
    public void What_perhaps_was_given_back_is_not_given_back_again()
    {
        Grant(10, Nine);
        Make(3);
        _tally.PutBack(_tally.Empty(givesBack: true).Notes);

        _tally.Taken.ShouldBe(0);
        Empty(givesBack: true).ShouldBe(["lane a: 3", "09:00: -3"]);
    }

    [Fact]
    public void A_call_that_is_under_way_stays_put_aside()
    {
        Grant(10, Nine);
        _tally.Begin();

        Empty(givesBack: true).ShouldBe(["09:00: -9"]);
        _tally.End("lane a", null, isCounted: true);
        Empty(givesBack: true).ShouldBe(["lane a: 1", "09:00: -1"]);
    }

    private void Grant(long calls, DateTimeOffset hour) => _tally.Learn(new ApiTally(0, calls, hour, null));

    private void Make(int calls)
    {
        for (int call = 0; call < calls; call++)
        {
            _tally.Begin();
            _tally.End("lane a", null, isCounted: true);
        }
    }

    private string[] Empty(bool givesBack) => [.. _tally.Empty(givesBack).Notes.Select(note => $"{(note.Hour is { } hour ? $"{hour:HH:mm}" : note.Caller)}: {note.Calls}")];
}
