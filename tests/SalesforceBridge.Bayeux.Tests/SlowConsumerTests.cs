using SalesforceBridge.Testing.Bayeux;

namespace SalesforceBridge.Bayeux.Tests;

public sealed class SlowConsumerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_poll_is_under_way_while_the_consumer_works()
    {
        var work = new TaskCompletionSource();
        await using var server = new FaultyBayeuxServer { EventsAPoll = 1 };
        server.PublishNumbers("/event/A", 5);
        await using var reading = new Reading(server, consume: message => message is BayeuxMessage.Data ? work.Task : Task.CompletedTask);
        await reading.NextAsync<BayeuxMessage.Data>();

        await server.UntilAsync(s => s.Count("/meta/connect") >= 6, Ct);

        work.SetResult();
        await reading.UntilAsync(r => r.Numbers().Count >= 5);
        reading.Numbers().ShouldBe(Enumerable.Range(1, 5));
    }

    [Fact]
    public async Task What_waited_for_a_busy_consumer_is_handed_over_together()
    {
        var work = new TaskCompletionSource();
        await using var server = new FaultyBayeuxServer { EventsAPoll = 1 };
        server.PublishNumbers("/event/A", 5);
        await using var reading = new Reading(server, consume: message => message is BayeuxMessage.Data ? work.Task : Task.CompletedTask);
        await reading.NextAsync<BayeuxMessage.Data>();
        await server.UntilAsync(s => s.Count("/meta/connect") >= 7, Ct);

        work.SetResult();

        await reading.UntilAsync(r => r.Numbers().Count >= 5);
        reading.Messages.OfType<BayeuxMessage.Data>().Count().ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_consumer_that_stays_away_ends_the_session_cleanly_and_loses_nothing()
    {
        var work = new TaskCompletionSource();
        await using var server = new FaultyBayeuxServer { EventsAPoll = 1 };
        server.PublishNumbers("/event/A", 20);
        BayeuxOptions small = Reading.Quick with { WaitingBytes = 500, LongestPause = TimeSpan.FromMilliseconds(150) };
        await using var reading = new Reading(server, small, consume: message => message is BayeuxMessage.Data ? work.Task : Task.CompletedTask);

        await server.UntilAsync(s => s.Count("/meta/disconnect") == 1, Ct);
        server.Count("/meta/handshake").ShouldBe(1);
        work.SetResult();

        await reading.UntilAsync(r => r.Numbers().Count >= 20);
        reading.Numbers().ShouldBe(Enumerable.Range(1, 20));
        reading.Messages.OfType<BayeuxMessage.SessionEnded>().First().Failure.ShouldBeOfType<BayeuxFailure.SlowConsumer>();
    }

    [Fact]
    public async Task A_reply_larger_than_what_may_wait_arrives_whole_and_its_reader_waits()
    {
        var work = new TaskCompletionSource();
        await using var server = new FaultyBayeuxServer { EventsAPoll = 5000 };
        server.PublishNumbers("/event/A", 5000);
        BayeuxOptions small = Reading.Quick with { WaitingBytes = 10_000, BatchMessages = 100 };
        await using var reading = new Reading(server, small, consume: message => message is BayeuxMessage.Data ? work.Task : Task.CompletedTask);
        await reading.NextAsync<BayeuxMessage.Data>();
        server.Count("/meta/connect").ShouldBe(2);

        work.SetResult();

        await reading.UntilAsync(r => r.Numbers().Count >= 5000);
        reading.Numbers().ShouldBe(Enumerable.Range(1, 5000));
        reading.Messages.OfType<BayeuxMessage.Data>().ShouldAllBe(data => data.Items.Count <= 100);
    }
}
