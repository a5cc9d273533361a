using System.Collections.Concurrent;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Failures;

/// <summary>
/// Whatever happens in whatever order: every message takes effect once or is dead, every delivery is made or dead, and each
/// key keeps its order. Two workers, one of which loses the database now and then; what fails is drawn by the seed.
/// </summary>
public sealed class ModelTests
{
    private const int Messages = 240;
    private const int Keys = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Every_effect_happens_once_and_each_key_keeps_its_order(int seed)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table effect (n int, k text, at bigint generated always as identity)");
        var world = new World(seed);
        Route route = Middle.Handler("model", """
            -- on: event N__e
            -- do: create X
            -- key: payload->>'k'
            -- batch: 15
            -- retry: 4 from 5ms to 20ms
            -- when dead: hold
            -- when in doubt: repeat
            """, world.HandleAsync);
        await middle.EnrolAsync(route);
        await using Cable cable = middle.Cable();
        await using Middle shaky = middle.Beside(cable);
        foreach (Middle one in new[] { middle, shaky })
        {
            one.Destinations.CallSize = 5;
            one.Destinations.AnswerCall = world.AnswerCallAsync;
            one.Destinations.Answer = world.Answer;
        }

        await using RunningWorker steady = await middle.RunAsync(route);
        await using RunningWorker faint = await shaky.RunAsync(route);
        await using Middle outside = middle.Beside(settings: "Application Name=outside");
        await DisturbAsync(outside, cable, world);
        cable.Mend();
        await SettleAsync(outside, world);

        (await middle.ColumnAsync<int>("select n from effect order by n")).ShouldBe(Enumerable.Range(0, Messages).Except(world.DiscardedMessages));
        (await middle.ScalarAsync<long>("select count(*) from (select n, lag(n) over (partition by k order by at) as before from effect) numbered where n < before")).ShouldBe(0);
        world.Made.Distinct().Order().ShouldBe(Enumerable.Range(0, Messages).Except(world.DiscardedMessages).Except(world.DiscardedDeliveries));
        foreach (IGrouping<int, int> key in world.Made.Distinct().GroupBy(n => n % Keys))
            key.ShouldBeInOrder();
        (await middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    private static async Task DisturbAsync(Middle middle, Cable cable, World world)
    {
        int accepted = 0;
        while (accepted < Messages)
        {
            switch (world.Next(10))
            {
                case 0:
                    cable.Cut();
                    break;
                case 1:
                    cable.Hold();
                    break;
                case 2 or 3:
                    cable.Mend();
                    break;
                case 4:
                    await DecideAsync(middle, world);
                    break;
                case 5:
                    await middle.ScalarAsync<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name <> 'outside' and random() < 0.3 and pid <> pg_backend_pid()");
                    break;
                case 6:
                    world.RefuseAll(world.Next(2) == 0);
                    break;
                default:
                    int some = Math.Min(1 + world.Next(12), Messages - accepted);
                    await middle.AcceptNumbersAsync("event N__e", some, Keys, accepted);
                    accepted += some;
                    break;
            }
        }
    }

    // A person redrives most of what is dead and discards some of it, until nothing is left.
    private static async Task SettleAsync(Middle middle, World world)
    {
        world.Heal();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await middle.ScalarAsync<bool>("""
            select not exists (select from bridge.failure)
               and (select position from bridge.cursor where name = 'route model on event N__e') = (select max(id)::text from bridge.inbox)
               and not exists (select from bridge.outbox o where not exists (select from bridge.outcome x where x.id = o.id))
            """))
        {
            limit.IsCancellationRequested.ShouldBeFalse(string.Join('\n', await middle.ColumnAsync<string>("select f::text from bridge.failure f union all select c::text from bridge.cursor c")));
            await DecideAsync(middle, world);
            await middle.ScalarAsync<int>("select 1 from pg_sleep(0.02)");
        }
    }

    private static async Task DecideAsync(Middle middle, World world)
    {
        var deadLetters = new DeadLetters(middle.Database);
        foreach (DeadLetter dead in await deadLetters.ListAsync(null, 100, default))
        {
            if (world.Next(4) > 0)
                await deadLetters.RedriveAsync(dead.Cursor, [dead.Id], default);
            else if (await deadLetters.DiscardAsync(dead.Cursor, [dead.Id], default) == 1)
                world.Discarded(dead.Cursor, await NumberOfAsync(middle, dead));
        }
    }

    private static Task<int> NumberOfAsync(Middle middle, DeadLetter dead) => middle.ScalarAsync<int>(dead.Cursor == "route model"
        ? $"select (payload->>'n')::int from bridge.inbox where id = {dead.Id}"
        : $"select (body->>'n')::int from bridge.outbox where id = {dead.Id}");

    /// <summary>What fails, how often, and what became of it.</summary>
    private sealed class World(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly int[] _messageFaults = Faults(seed);
        private readonly int[] _deliveryFaults = Faults(seed + 100);
        private readonly Lock _lock = new();
        private volatile bool _isHealed;
        private volatile bool _refusesAll;

        public ConcurrentQueue<int> Made { get; } = new();

        public ConcurrentBag<int> DiscardedMessages { get; } = [];

        public ConcurrentBag<int> DiscardedDeliveries { get; } = [];

        public int Next(int most)
        {
            lock (_lock)
                return _random.Next(most);
        }

        public void Heal() => (_isHealed, _refusesAll) = (true, false);

        /// <summary>Takes a right away that every delivery needs, or gives it back.</summary>
        public void RefuseAll(bool refuses) => _refusesAll = refuses;

        public void Discarded(string cursor, int n) => (cursor == "route model" ? DiscardedMessages : DiscardedDeliveries).Add(n);

        public async Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct)
        {
            int n = System.Text.Json.Nodes.JsonNode.Parse(message.Json.Span)!["n"]!.GetValue<int>();
            await using var insert = new NpgsqlCommand($"insert into effect (n, k) values ({n}, '{message.Key}')", transaction.Connection);
            await insert.ExecuteNonQueryAsync(ct);
            await transaction.UpdateAsync("X", $$"""{"Id":"{{n}}","n":{{n}}}""", ct);
            if (Interlocked.Decrement(ref _messageFaults[n]) >= 0)
                throw new InvalidOperationException("drawn");
        }

        public Task<CallOutcome?> AnswerCallAsync(IReadOnlyList<Delivery> call, CancellationToken ct) => Task.FromResult<CallOutcome?>(_isHealed ? null : Next(20) switch
        {
            0 => new CallOutcome.NotNow("later", "later", TimeSpan.FromMilliseconds(5)),
            1 when call.Count > 1 => new CallOutcome.CallRefused("halve", "halve"),
            2 => throw new InvalidOperationException("broke off"),
            _ => null,
        });

        public DeliveryOutcome Answer(Delivery delivery)
        {
            int n = int.Parse(LaneId(delivery));
            if (_refusesAll)
                return new DeliveryOutcome.Refused("no right", "no right", Permanent: true);
            if (Interlocked.Decrement(ref _deliveryFaults[n]) >= 0)
                return new DeliveryOutcome.Refused("drawn", "drawn", Permanent: n % 5 == 0);
            Made.Enqueue(n);
            return new DeliveryOutcome.Delivered($"x{n}");
        }

        private static string LaneId(Delivery delivery) => Outbox.LaneTests.Id(delivery);

        // Most never fail; some fail a few times, some more often than they are tried.
        private static int[] Faults(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, Messages).Select(_ => random.Next(6) switch { 0 => 1 + random.Next(3), 1 when random.Next(3) == 0 => 6, _ => 0 })];
        }
    }
}
