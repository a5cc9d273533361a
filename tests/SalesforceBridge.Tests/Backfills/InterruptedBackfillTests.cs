using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Budget;
using SalesforceBridge.Commands;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Backfills;

/// <summary>A backfill that is cut off wherever it speaks to the org, while records change.</summary>
public sealed class InterruptedBackfillTests
{
    private const int Accounts = 4_100;

    [Fact]
    public async Task Cut_off_before_and_behind_each_of_its_calls_it_tells_every_record_once_and_the_mirror_equals_the_org()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(Accounts);
        for (int n = 0; n < 5; n++)
            loaded.Org.Delete("Account", loaded.Accounts[n]);
        loaded.Org.ForgetEventHistory();
        await using TestHost worker = await loaded.RunAsync();
        var edits = new Edits(loaded);
        int cuts = 0;

        while ((await CutOffAsync(loaded, cuts, edits)).ExitCode != 0)
            cuts++;
        await loaded.IsThroughAsync();

        cuts.ShouldBeGreaterThan(10);
        (await loaded.Bridge.Database.ScalarAsync<bool>("select finished_at is not null and deleted >= 5 from bridge.backfill")).ShouldBeTrue();
        (await loaded.Bridge.Database.ScalarAsync<bool>("""
            select count(*) > 4000 and count(*) = count(distinct key) and count(*) = (select stored from bridge.backfill)
            from bridge.inbox where payload->'ChangeEventHeader'->>'changeType' = 'SNAPSHOT'
            """)).ShouldBeTrue();
        (await loaded.Bridge.Database.ScalarAsync<long>("select count(*) from heard where kind = 'SNAPSHOT'")).ShouldBe(0);
        await loaded.MirrorShouldEqualOrgAsync();
    }

    [Fact]
    public async Task It_stops_before_deliveries_do_when_calls_run_short_and_goes_on_when_there_are_more()
    {
        await using LoadedOrg loaded = await LoadedOrg.StartAsync(Accounts);
        await using TestHost worker = await loaded.RunAsync();
        loaded.Bridge.WithVar("BRIDGE_API_BUDGET", "10");
        await using var output = new Listening("It waits, since");
        await using var errors = new StringWriter();

        Task<int> running = BridgeCommands.RunAsync(["backfill", "account-mirrored"], loaded.Bridge.Vars, output, errors, TextReader.Null, services =>
        {
            services.AddSingleton(new ApiPace { Look = TimeSpan.FromMilliseconds(1) });
            OrgDetour.Replace(services, "order by Id limit", () => loaded.Bridge.Database.ExecuteAsync("insert into bridge.api_call values (date_trunc('hour', now()), 'lane busy', 10)"));
        });
        await output.Heard.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await loaded.Bridge.Database.ExecuteAsync("delete from bridge.api_call");
        (await running).ShouldBe(0, $"{output}\n{errors}");
        await loaded.IsThroughAsync();

        output.ToString().ShouldMatch(@"It waits, since \d+ of the 10 API calls that BRIDGE_API_BUDGET \(10\) leaves to the bridge are used\. Commands stop first, so that deliveries go on\.");
        await loaded.EachWasToldOnceAsync(Accounts);
        await loaded.MirrorShouldEqualOrgAsync();
    }

    // The first call is cut off before it is made, then behind it; then the second, and so on.
    private static Task<CommandLine> CutOffAsync(LoadedOrg loaded, int cut, Edits edits) => CommandLine.RunWithAsync(
        loaded.Bridge.Vars,
        services => services.AddSingleton(_ => new HttpClient(new Scissors(cut / 2, isBehind: cut % 2 == 1, edits))),
        "backfill", "account-mirrored");

    /// <summary>Cuts off one call, before it reaches the org or before its answer is read. People go on working meanwhile.</summary>
    private sealed class Scissors(int call, bool isBehind, Edits edits) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        private int _calls;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool isMet = _calls++ == call;
            edits.MakeSome();
            if (isMet && !isBehind)
                throw new InvalidOperationException("cut off before a call");
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            edits.MakeSome();
            return isMet ? throw new InvalidOperationException("cut off behind a call") : response;
        }
    }

    /// <summary>Tells when a line begins with this.</summary>
    private sealed class Listening(string beginning) : StringWriter
    {
        private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Heard => _heard.Task;

        public override Task WriteLineAsync(string? value)
        {
            if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
                _heard.TrySetResult();
            return base.WriteLineAsync(value);
        }
    }

    private sealed class Edits(LoadedOrg loaded)
    {
        private readonly Random _random = new(1);
        private readonly List<string> _alive = [.. loaded.Accounts.Skip(5)];
        private int _count;

        public void MakeSome()
        {
            for (int n = 0; n < 3; n++)
            {
                int at = _random.Next(_alive.Count);
                loaded.Org.Update("Account", _alive[at], _random.Next(2) == 0 ? new { Phone = $"{_count++}" } : new { BillingCity = $"{_count++}" });
            }

            int gone = _random.Next(_alive.Count);
            loaded.Org.Delete("Account", _alive[gone]);
            _alive.RemoveAt(gone);
            _alive.Add(loaded.Org.Create("Account", new { Name = $"new {_count++}" }));
        }
    }
}
