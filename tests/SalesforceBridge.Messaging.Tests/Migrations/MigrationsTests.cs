using System.Text.RegularExpressions;
using SalesforceBridge.Messaging.Tests.Drivers;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests;

public sealed class MigrationsTests
{
    private const string OddName = "My \"odd\" schéma's\\";

    [Fact]
    public async Task Two_programs_that_start_at_once_take_turns()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        var migrations = new Migrations(source, new BridgeSchema("bridge"));
        (await migrations.VersionAsync(default)).ShouldBe(0);

        IReadOnlyList<string>[] applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => migrations.ApplyAsync(default)));

        applied.Where(files => files.Count > 0).ShouldHaveSingleItem()[0].ShouldBe("0001_log.sql");
        (await migrations.ApplyAsync(default)).ShouldBeEmpty();
        (await migrations.VersionAsync(default)).ShouldBe(Migrations.Newest);
    }

    [Fact]
    public async Task Two_bridges_live_in_one_database()
    {
        await using Middle middle = await Middle.StartInAsync("one");
        await new Migrations(middle.Database.Source, new BridgeSchema("two")).ApplyAsync(default);

        (await middle.ScalarAsync<bool>("select to_regclass('two.inbox') is not null and to_regprocedure('two.hold(text, bigint)') is not null")).ShouldBeTrue();
    }

    [Fact]
    public async Task Everything_works_in_a_schema_of_any_name_and_nothing_needs_another()
    {
        await using Middle middle = await Middle.StartInAsync(OddName);
        string s = middle.Database.Schema.ToString();
        await middle.ExecuteAsync("create table t (n int)");
        Route send = Middle.Route("sends", """
            -- on: event N__e
            -- do: publish N__e
            -- key: payload->>'k'
            -- retry: 1
            select timestamptz '2026-01-01 00:00Z' as "At", array['a', 'b'] as "List", 10 / ((payload->>'n')::int - 3) as "N" from message
            """);
        Route write = Middle.Route("writes", "-- on: event N__e\n-- key: payload->>'k'\n-- retry: 1\ninsert into t select 10 / ((payload->>'n')::int - 3) from message");
        Route handle = Middle.Handler("handles", "-- on: event N__e\n-- do: create X", (_, transaction, ct) => transaction.CreateAsync("X", """{"a":1}""", ct));
        Route before = Middle.Route("before", "-- on: event N__e\nselect 1 from message");
        await middle.Cursors.EnrolAsync([(Retention.CursorOfRetention, null)], default);
        await middle.EnrolAsync(send, write, handle, before);
        Route renamed = Middle.Route("renamed", "-- on: event N__e\n-- was: before\nselect 1 from message");
        await middle.ExecuteAsync($"update {s}.cursor set careful = true where name = 'route writes'");
        await using RunningWorker worker = await middle.RunAsync(send, write, handle, renamed);

        await middle.AcceptNumbersAsync("event N__e", 6);
        await middle.UntilAsync($"select count(*) = 11 from {s}.outcome");
        await middle.UntilAsync("select count(*) = 5 from t");
        await middle.UntilAsync($"select count(*) = 2 from {s}.failure where state = 'dead'");
        var deadLetters = new DeadLetters(middle.Database);
        DeadLetter dead = (await deadLetters.ListAsync("route sends", 10, default)).ShouldHaveSingleItem();
        (await deadLetters.ShowAsync("route sends", dead.Id, default)).ShouldNotBeNull();
        (await deadLetters.RedriveAsync("route sends", null, default)).ShouldBe(1);
        (await deadLetters.DiscardAsync("route writes", null, default)).ShouldBe(1);
        (await new Rewind(middle.Database).ToIdAsync(handle.Definition, 0, default)).ShouldBe(6);
        await middle.UntilAsync($"select count(*) = 17 from {s}.outcome");
        var gauge = new StorageGauge(middle.Database);
        await gauge.MeasureAsync(default);
        gauge.Used.ShouldBeGreaterThan(0);
        await new Gaps(middle.Database).RecordAsync("event N__e", "1", "2", "test", default);
        (await new Alerts(middle.Database).ListAsync(default)).ShouldHaveSingleItem().Name.ShouldBe("gap in event N__e");
        await new Retention(middle.Database, gauge, TimeProvider.System, middle.Log.For<Retention>()).TidyAsync(TimeSpan.Zero, default);

        (await middle.ScalarAsync<long>("select count(*) from pg_namespace where nspname = 'bridge'")).ShouldBe(0);
        middle.Log.Lines.ShouldNotContain(line => line.StartsWith("Error"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a name that has more than sixty-three bytes, which postgres would cut")]
    public void A_schemas_name_fits(string name) => Should.Throw<ArgumentException>(() => new BridgeSchema(name));

    /// <summary>The diagrams of the schema's README, the CHECKs and the code name the same states.</summary>
    [Fact]
    public async Task The_states_of_a_failure_are_told_alike_everywhere()
    {
        await using Middle middle = await Middle.StartAsync();
        string[] states = [.. Enum.GetNames<FailureState>().Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal)];
        string check = await middle.ScalarAsync<string>("select pg_get_constraintdef(oid) from pg_constraint where conname = 'failure_state'");
        string readme = await File.ReadAllTextAsync(Path.Combine(Repository(), "sql", "schema", "README.md"));
        string diagram = Regex.Match(readme, "```mermaid\\s+stateDiagram-v2\\s+%% failure(?<diagram>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["diagram"].Value;

        Regex.Matches(check, "(?<=')\\w+(?=')", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Value).Order(StringComparer.Ordinal).ShouldBe(states);
        Regex.Matches(diagram, "[a-z]+(?= -->)|(?<=--> )[a-z]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal).ShouldBe(states);
    }

    [Fact]
    public async Task Every_index_is_named_in_the_readme_with_the_query_it_serves()
    {
        await using Middle middle = await Middle.StartAsync();
        string readme = await File.ReadAllTextAsync(Path.Combine(Repository(), "sql", "schema", "README.md"));

        foreach (string index in await middle.ColumnAsync<string>("select indexname::text from pg_indexes where schemaname = 'bridge' and tablename in ('inbox', 'outbox', 'outcome', 'failure', 'cursor', 'caller')"))
            readme.ShouldContain($"`{index}`");
    }

    private static string Repository()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SalesforceBridge.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
