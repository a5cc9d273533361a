using System.Diagnostics;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class IntakeOverloadTests
{
    private const string Source = "callout orders";

    [Fact]
    public async Task Beyond_the_bound_by_count_a_request_is_refused_at_once_and_what_waits_is_stored()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, new IntakeLimits { WaitingRequests = 3 });
        await intake.AcceptAsync(Source, "{}");

        IntakeAnswer[] answers = await WhileHeldAsync(middle, () => Enumerable.Range(0, 10).Select(_ => intake.AcceptAsync(Source, "{}")));

        answers.Count(answer => answer is IntakeAnswer.Stored).ShouldBe(3);
        answers.Count(answer => answer is IntakeAnswer.Busy).ShouldBe(7);
        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.Stored>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(5);
    }

    [Fact]
    public async Task Beyond_the_bound_by_bytes_too_but_one_larger_request_alone_is_taken()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle, new IntakeLimits { WaitingBytes = 10_000 });
        string large = $"\"{new string('x', 20_000)}\"";

        (await intake.AcceptAsync(Source, large)).ShouldBeOfType<IntakeAnswer.Stored>();
        IntakeAnswer[] answers = await WhileHeldAsync(middle, () => [intake.AcceptAsync(Source, "{}"), intake.AcceptAsync(Source, large), intake.AcceptAsync(Source, "{}")]);

        answers[0].ShouldBeOfType<IntakeAnswer.Stored>();
        answers[1].ShouldBeOfType<IntakeAnswer.Busy>();
        answers[2].ShouldBeOfType<IntakeAnswer.Stored>();
    }

    [Fact]
    public async Task While_the_database_is_away_every_request_is_refused_at_once_and_taken_in_again_when_it_is_back()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle far = middle.Beside(cable);
        await using var intake = new RunningIntake(far);
        await intake.AcceptAsync(Source, "{}");

        cable.Cut();
        var begun = Stopwatch.StartNew();
        IntakeAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => intake.AcceptAsync(Source, "{}")));
        begun.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        cable.Mend();

        answers.ShouldAllBe(answer => answer is IntakeAnswer.DatabaseAway);
        await UntilStoredAsync(intake);
        intake.Log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_was_lost_while_nobody_called_costs_no_request()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(Source, "{}");

        await middle.ExecuteAsync("""
            select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_notify%'
            """);

        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.Stored>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task A_database_that_says_nothing_is_away()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Cable cable = middle.Cable();
        await using Middle far = middle.Beside(cable, "Cancellation Timeout=-1;Timeout=1");
        await using var intake = new RunningIntake(far, new IntakeLimits { Patience = TimeSpan.FromMilliseconds(300) });
        await UntilStoredAsync(intake);

        cable.Hold();
        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.DatabaseAway>();
        await Middle.UntilAsync(() => intake.Log.Lines.Any(line => line.StartsWith("Warning", StringComparison.Ordinal)));
        Task<IntakeAnswer> refused = intake.AcceptAsync(Source, "{}");
        refused.IsCompleted.ShouldBeTrue();
        cable.Mend();

        await UntilStoredAsync(intake);
    }

    [Fact]
    public async Task Tables_that_are_not_there_yet_are_a_database_away()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("alter schema bridge rename to elsewhere");
        await using var intake = new RunningIntake(middle);

        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.DatabaseAway>();

        await middle.ExecuteAsync("alter schema elsewhere rename to bridge");
        await UntilStoredAsync(intake);
    }

    [Fact]
    public async Task With_full_storage_nothing_is_taken_in_until_there_is_room()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Storage = 1 });
        await using var intake = new RunningIntake(middle);

        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.StorageFull>();
        (await intake.AcceptAsync(Source, "{}")).ShouldBeOfType<IntakeAnswer.StorageFull>();

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
        (await middle.ScalarAsync<long>("select count(*) from bridge.alert where name = 'storage'")).ShouldBe(1);
    }

    [Fact]
    public async Task Told_to_stop_it_commits_what_waits_and_refuses_what_comes()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(Source, "{}");
        Task<IntakeAnswer>[] late = [];

        IntakeAnswer[] answers = await WhileHeldAsync(middle, () =>
        {
            Task<IntakeAnswer>[] before = [.. Enumerable.Range(0, 5).Select(_ => intake.AcceptAsync(Source, "{}"))];
            intake.Stop();
            late = [intake.AcceptAsync(Source, "{}")];
            return before;
        });
        await intake.Run.WaitAsync(TimeSpan.FromSeconds(10));

        answers.ShouldAllBe(answer => answer is IntakeAnswer.Stored);
        (await late[0]).ShouldBeOfType<IntakeAnswer.Busy>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(6);
    }

    // The requests are made while somebody else holds the source, so that they wait.
    private static async Task<IntakeAnswer[]> WhileHeldAsync(Middle middle, Func<IEnumerable<Task<IntakeAnswer>>> accept)
    {
        await using NpgsqlConnection connection = await middle.Database.OpenAsync(default);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var held = new NpgsqlCommand($"select from bridge.cursor where name = '{Source}' for update", connection, transaction);
        await held.ExecuteNonQueryAsync();
        Task<IntakeAnswer>[] accepting = [.. accept()];
        await transaction.CommitAsync();
        return await Task.WhenAll(accepting);
    }

    private static async Task UntilStoredAsync(RunningIntake intake)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await intake.AcceptAsync(Source, "{}") is not IntakeAnswer.Stored)
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
