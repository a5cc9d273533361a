using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class IntakeQueueTests
{
    private readonly IntakeQueue _queue = new(new IntakeLimits());

    [Fact]
    public async Task Beside_a_commit_another_one_goes_out_for_half_as_many_requests()
    {
        Add(4);
        List<WaitingRequest> underWay = _queue.Gather(answered: 0);

        Add(1);
        ValueTask<bool> waiting = _queue.WaitAsync(answered: 0, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();
        _queue.Gather(answered: 0).ShouldBeEmpty();
        Add(1);

        (await waiting).ShouldBeTrue();
        (underWay.Count, _queue.Gather(answered: 0).Count).ShouldBe((4, 2));
    }

    [Fact]
    public async Task Beside_a_commit_another_one_goes_out_when_most_of_those_it_answered_last_are_back()
    {
        Add(4);
        _queue.Gather(answered: 0);
        Add(5);
        ValueTask<bool> waiting = _queue.WaitAsync(answered: 9, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();
        _queue.Gather(answered: 9).ShouldBeEmpty();

        Add(1);

        (await waiting).ShouldBeTrue();
        _queue.Gather(answered: 9).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Nobody_waits_for_callers_who_do_not_come_back_longer_than_the_commit_under_way_takes()
    {
        Add(4);
        List<WaitingRequest> underWay = _queue.Gather(answered: 0);
        Add(2);
        ValueTask<bool> waiting = _queue.WaitAsync(answered: 100, TestContext.Current.CancellationToken);

        _queue.End(underWay);

        (await waiting).ShouldBeTrue();
        _queue.Gather(answered: 100).Count.ShouldBe(2);
    }

    [Fact]
    public async Task When_the_commit_is_over_one_request_is_enough()
    {
        Add(4);
        List<WaitingRequest> underWay = _queue.Gather(answered: 0);
        Add(1);
        ValueTask<bool> waiting = _queue.WaitAsync(answered: 0, TestContext.Current.CancellationToken);

        _queue.End(underWay);

        (await waiting).ShouldBeTrue();
        _queue.Gather(answered: 0).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Told_to_end_it_waits_no_longer()
    {
        Add(4);
        _queue.Gather(answered: 0);
        Add(1);
        using var end = new CancellationTokenSource();
        ValueTask<bool> waiting = _queue.WaitAsync(answered: 0, end.Token);

        await end.CancelAsync();

        (await waiting).ShouldBeFalse();
    }

    private void Add(int requests)
    {
        for (int n = 0; n < requests; n++)
            _queue.TryAdd(new WaitingRequest(RunningIntake.Request("callout orders", "{}"))).ShouldBeTrue();
    }
}
