using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.InteropTests.Bayeux;

/// <summary>The event stream against the CometD project's own server.</summary>
public sealed class NodeBayeuxTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 300)]
    [InlineData(10, 3_000)]
    [InlineData(100, 20_000)]
    [InlineData(1_000, 50_000)]
    public async Task Events_arrive_whole_and_in_order(int perPoll, int count)
    {
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(Ct);
        await server.PublishAsync(count, Ct, perPoll);
        await using var reading = new StreamReading(server.Tokens(), new ReplayFrom.Earliest(), count);

        await reading.ReachedAsync();

        (reading.Count, reading.OutOfOrder).ShouldBe((count, 0));
        (await server.HandshakesAsync(Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task Events_published_during_a_poll_arrive()
    {
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(Ct);
        await using var reading = new StreamReading(server.Tokens(), new ReplayFrom.Tip(), 500, message =>
        {
            if (message is StreamMessage.Quiet)
                subscribed.TrySetResult();
        });
        await subscribed.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);

        await server.PublishAsync(500, Ct);

        await reading.ReachedAsync();
        (reading.Count, reading.OutOfOrder).ShouldBe((500, 0));
    }

    [Fact]
    public async Task A_session_that_the_server_forgets_is_begun_anew_and_nothing_is_lost()
    {
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(Ct);
        await server.PublishAsync(20_000, Ct, perPoll: 10);
        var middle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var reading = new StreamReading(server.Tokens(), new ReplayFrom.Earliest(), 20_000, message =>
        {
            if (message is StreamMessage.Events { Items: [.., { ReplayId.Value: var id }] } && id.Length >= 3)
                middle.TrySetResult();
        });
        await middle.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);

        await server.ForgetAsync(Ct);

        await reading.ReachedAsync();
        (reading.Count, reading.OutOfOrder).ShouldBe((20_000, 0));
        (await server.HandshakesAsync(Ct)).ShouldBe(2);
        (await server.SubscribesAsync(Ct)).ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_is_started_anew_is_found_again()
    {
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(Ct);
        await server.PublishAsync(100, Ct);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var reading = new StreamReading(server.Tokens(), new ReplayFrom.Earliest(), 300, message =>
        {
            if (message is StreamMessage.Quiet)
                first.TrySetResult();
        });
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);

        await server.RestartAsync(Ct);
        await server.PublishAsync(300, Ct);

        await reading.ReachedAsync();
        (reading.Count, reading.OutOfOrder).ShouldBe((300, 0));
    }
}
