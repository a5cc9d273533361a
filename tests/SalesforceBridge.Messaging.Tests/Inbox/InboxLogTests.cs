using System.Collections.Concurrent;
using System.Text;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class InboxLogTests
{
    private const string Source = "event N__e";

    [Fact]
    public async Task Messages_and_their_position_are_stored_together()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, "r0")], default);

        Accepted accepted = await middle.Inbox.AcceptAsync([new(Source, 0, "r7")], [Numbered(1), Numbered(2)], default);

        accepted.ShouldBe(new Accepted(2, 0));
        (await middle.ColumnAsync<string>("select payload->>'n' from bridge.inbox order by id")).ShouldBe(["1", "2"]);
        (await middle.ScalarAsync<string>($"select position from bridge.cursor where name = '{Source}'")).ShouldBe("r7");
    }

    [Fact]
    public async Task A_replay_is_absorbed_and_still_moves_the_position()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, null)], default);
        await middle.Inbox.AcceptAsync([new(Source, 0, "r1")], [Numbered(1), Numbered(2)], default);

        Accepted again = await middle.Inbox.AcceptAsync([new(Source, 0, "r2")], [Numbered(2), Numbered(3), Numbered(3)], default);

        again.ShouldBe(new Accepted(1, 2));
        (await middle.ColumnAsync<string>("select payload->>'n' from bridge.inbox order by id")).ShouldBe(["1", "2", "3"]);
        (await middle.ScalarAsync<string>($"select position from bridge.cursor where name = '{Source}'")).ShouldBe("r2");
    }

    [Fact]
    public async Task Replays_are_absorbed_whatever_came_between_them()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, null)], default);

        List<Accepted> accepted = [];
        foreach (int[] numbers in new int[][] { [1, 2], [2, 3], [3], [4, 5], [6], [6, 7], [8] })
            accepted.Add(await middle.Inbox.AcceptAsync([new(Source, 0, null)], [.. numbers.Select(Numbered)], default));

        accepted.ShouldBe([new(2, 0), new(1, 1), new(0, 1), new(2, 0), new(1, 0), new(1, 1), new(1, 0)]);
        (await middle.ColumnAsync<string>("select payload->>'n' from bridge.inbox order by id")).ShouldBe(["1", "2", "3", "4", "5", "6", "7", "8"]);
    }

    [Fact]
    public async Task A_source_that_another_worker_holds_stores_nothing_and_others_beside_it_do()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, "r0"), ("event M__e", "m0"), ("leader", null)], default);
        Lease leader = (await middle.Cursors.ClaimAsync(Guid.NewGuid(), ["leader"], 1, default)).Single();
        await middle.Cursors.JoinAsync(leader, [Source], default);

        await Should.ThrowAsync<LeaseLostException>(() => middle.Inbox.AcceptAsync(
            [new(Source, 0, "r9"), new("event M__e", 0, "m9")], [Numbered(1), Numbered(2) with { Source = "event M__e" }], default));

        (await middle.ColumnAsync<string>("select source from bridge.inbox")).ShouldBe(["event M__e"]);
        (await middle.ColumnAsync<string>("select position from bridge.cursor where name like 'event %' order by name")).ShouldBe(["m9", "r0"]);
    }

    [Fact]
    public async Task A_message_without_its_sources_position_is_refused_instead_of_dropped()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, null)], default);

        await Should.ThrowAsync<ArgumentException>(() => middle.Inbox.AcceptAsync([new(Source, 0, null)], [Numbered(1) with { Source = "event M__e" }], default));
    }

    [Fact]
    public async Task Keys_that_postgres_cannot_hold_do_not_fail_their_neighbours()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Source, null)], default);
        NewMessage[] messages =
        [
            Numbered(1),
            Numbered(2) with { Key = "a\0b", DedupeKey = "lone \ud800" },
            Numbered(3) with { DedupeKey = new string('x', 5000), Fault = "no\0t" },
            Numbered(4) with { DedupeKey = new string('x', 5000) },
        ];

        (await middle.Inbox.AcceptAsync([new(Source, 0, null)], messages, default)).ShouldBe(new Accepted(3, 1));
        (await middle.ScalarAsync<string>("select key from bridge.inbox where key is not null")).ShouldBe("a\ufffdb");
    }

    // Eight writers, several sources a statement in any order, some undone, some cancelled, some with a wrong epoch; a reader behind a cursor.
    [Fact]
    public async Task A_reader_behind_a_cursor_misses_nothing_and_sees_nothing_twice_while_eight_write()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Idle = TimeSpan.FromSeconds(10) });
        await using Middle wide = middle.Beside(settings: "Maximum Pool Size=20");
        string[] sources = ["event A__e", "event B__e", "event C__e", "event D__e"];
        await middle.Cursors.EnrolAsync([.. sources.Select(source => (source, (string?)null))], default);
        using var writing = new CancellationTokenSource();
        Task<Dictionary<string, List<long>>> reading = ReadBehindCursorsAsync(wide, sources, writing.Token);
        ConcurrentBag<string> faults = [];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => WriteAsync(wide, sources, writer, faults)));
        await writing.CancelAsync();
        Dictionary<string, List<long>> seen = await reading;

        faults.ShouldBeEmpty();
        foreach (string source in sources)
        {
            List<long> stored = await middle.ColumnAsync<long>($"select id from bridge.inbox where source = '{source}' order by id");
            seen[source].ShouldBe(stored);
            stored.Count.ShouldBeGreaterThan(100);
        }
    }

    private static async Task WriteAsync(Middle middle, string[] sources, int writer, ConcurrentBag<string> faults)
    {
        var random = new Random(writer);
        for (int n = 0; n < 120; n++)
        {
            string[] some = [.. sources.OrderBy(_ => random.Next()).Take(1 + random.Next(3))];
            bool wrongEpoch = random.Next(20) == 0;
            SourcePosition[] positions = [.. some.Select(source => new SourcePosition(source, wrongEpoch ? 99 : 0, $"{writer}-{n}"))];
            NewMessage[] messages = [.. Enumerable.Range(0, 1 + random.Next(8)).Select(_ => Numbered(random.Next(2000)) with { Source = some[random.Next(some.Length)] })];
            using var limit = new CancellationTokenSource(random.Next(10) == 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(30));
            try
            {
                if (random.Next(10) == 0)
                    await AcceptAndUndoAsync(middle, positions[0].Source, writer);
                else
                    await middle.Inbox.AcceptAsync(positions, messages, limit.Token);
            }
            catch (LeaseLostException) when (wrongEpoch)
            {
                // As it should be.
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                // It may be stored or not.
            }
            catch (Exception error)
            {
                faults.Add(error.Message);
            }
        }
    }

    private static async Task AcceptAndUndoAsync(Middle middle, string source, int writer)
    {
        await using NpgsqlConnection connection = await middle.Database.OpenAsync(default);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand($$"""
            with l as materialized (select name from bridge.cursor where name = '{{source}}' for no key update)
            insert into bridge.inbox (source, payload) select l.name, '{"undone": {{writer}}}'::jsonb from l
            """, connection, transaction);
        await insert.ExecuteNonQueryAsync();
        await transaction.RollbackAsync();
    }

    private static async Task<Dictionary<string, List<long>>> ReadBehindCursorsAsync(Middle middle, string[] sources, CancellationToken writing)
    {
        var seen = sources.ToDictionary(source => source, _ => new List<long>());
        bool wasWriting;
        do
        {
            wasWriting = !writing.IsCancellationRequested;
            foreach (string source in sources)
            {
                List<long> ids = seen[source];
                await using NpgsqlConnection connection = await middle.Database.OpenAsync(default);
                await using var next = new NpgsqlCommand("select id from bridge.inbox where source = $1 and id > $2 order by id limit 50", connection)
                {
                    Parameters = { new() { Value = source }, new() { Value = ids.Count == 0 ? 0L : ids[^1] } },
                };
                await using NpgsqlDataReader reader = await next.ExecuteReaderAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    ids.Add(reader.GetInt64(0));
                wasWriting |= reader.HasRows;
            }
        }
        while (wasWriting);
        return seen;
    }

    private static NewMessage Numbered(int n) =>
        new(Source, Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""")) { DedupeKey = $"d{n}" };
}
