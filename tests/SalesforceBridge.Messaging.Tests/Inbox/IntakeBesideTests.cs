using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

/// <summary>Far from its database the intake has two commits under way, the second on the connection that replies use, too.</summary>
public sealed class IntakeBesideTests
{
    private static readonly IntakeLimits Far = new() { FarFrom = TimeSpan.Zero };
    private static readonly IntakeLimits Near = new() { FarFrom = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task While_a_commit_is_under_way_another_one_goes_out()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, Far);
        await using HeldSource held = await HeldSource.OfAsync(middle, intake, "callout slow");

        Task<IntakeAnswer> slow = intake.AcceptAsync("callout slow", "{}");
        await held.UntilWaitedForAsync();
        (await intake.AcceptAsync("callout quick", "{}")).ShouldBeOfType<IntakeAnswer.Stored>();

        slow.IsCompleted.ShouldBeFalse();
        await held.ReleaseAsync();
        (await slow).ShouldBeOfType<IntakeAnswer.Stored>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Near_it_or_while_a_reply_has_its_turn_one_commit_follows_the_other(bool isNear)
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, isNear ? Near : Far);
        await using HeldSource held = await HeldSource.OfAsync(middle, intake, "callout slow");
        using IDisposable reply = await intake.Spare.TakeTurnAsync(TestContext.Current.CancellationToken);

        Task<IntakeAnswer> slow = intake.AcceptAsync("callout slow", "{}");
        await held.UntilWaitedForAsync();
        Task<IntakeAnswer> next = intake.AcceptAsync("callout quick", "{}");
        await held.ReleaseAsync();

        // Whoever has a later id was stored later.
        long[] ids = [((IntakeAnswer.Stored)await slow).Ids[0], ((IntakeAnswer.Stored)await next).Ids[0]];
        ids.ShouldBe([.. ids.Order()]);
    }

    [Fact]
    public async Task A_reply_has_its_turn_between_two_commits()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, Far);
        Task<IntakeAnswer>[] accepting = [.. Enumerable.Range(0, 500).Select(_ => intake.AcceptAsync("callout orders", "{}"))];

        using (await intake.Spare.TakeTurnAsync(TestContext.Current.CancellationToken))
            (await Task.WhenAll(accepting)).ShouldAllBe(answer => answer is IntakeAnswer.Stored);

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(500);
    }

    [Fact]
    public async Task The_same_key_on_both_connections_is_stored_once()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, Far);
        IntakeRequest once = RunningIntake.Request("callout orders", "{}") with { IdempotencyKey = "mes/1" };

        IntakeAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => intake.AcceptAsync(once)));

        answers.Count(answer => answer is IntakeAnswer.Stored).ShouldBe(1);
        answers.Count(answer => answer is IntakeAnswer.AlreadyStored).ShouldBe(99);
    }

    [Fact]
    public async Task Both_connections_are_opened_anew_when_the_database_is_back()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle far = middle.Beside(cable);
        await using var intake = new RunningIntake(far, Far);
        await AcceptManyAsync(intake);

        cable.Cut();
        (await AcceptManyAsync(intake)).ShouldContain(answer => answer is IntakeAnswer.DatabaseAway);
        cable.Mend();

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while ((await AcceptManyAsync(intake)).Any(answer => answer is not IntakeAnswer.Stored))
            await timer.WaitForNextTickAsync(limit.Token);
        intake.Log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Told_to_stop_it_commits_on_both_what_waits()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, Far);
        await intake.AcceptAsync("callout orders", "{}");

        Task<IntakeAnswer>[] accepting = [.. Enumerable.Range(0, 1000).Select(_ => intake.AcceptAsync("callout orders", "{}"))];
        intake.Stop();

        (await Task.WhenAll(accepting)).ShouldAllBe(answer => answer is IntakeAnswer.Stored);
        await intake.Run.WaitAsync(TimeSpan.FromSeconds(10));
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1001);
    }

    private static Task<IntakeAnswer[]> AcceptManyAsync(RunningIntake intake) =>
        Task.WhenAll(Enumerable.Range(0, 300).Select(_ => intake.AcceptAsync("callout orders", "{}")));

    /// <summary>A source that somebody else holds, so that a commit to it waits.</summary>
    private sealed class HeldSource(Middle middle, NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public static async Task<HeldSource> OfAsync(Middle middle, RunningIntake intake, string source)
        {
            await intake.AcceptAsync(source, "{}");
            NpgsqlConnection connection = await middle.Database.OpenAsync(default);
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand($"select from bridge.cursor where name = '{source}' for update", connection, transaction);
            await hold.ExecuteNonQueryAsync();
            return new HeldSource(middle, connection, transaction);
        }

        public Task UntilWaitedForAsync() => middle.UntilAsync("exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");

        public Task ReleaseAsync() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
