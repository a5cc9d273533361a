using System.Collections.Concurrent;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class GateTests
{
    private const string Limits = "GET limits";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_gate_is_asked_for_every_time_a_call_is_sent_and_hears_what_each_cost()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Limits, Answer.SessionExpired(), Answer.Error(503, "SERVER_UNAVAILABLE"), Answer.Ok("{}") with { Headers = new() { ["Sforce-Limit-Info"] = "api-usage=18/15000" } });
        using var client = new Client(org);
        var gate = new NotingGate();

        await client.Rest.Through(gate).GetOrganizationLimitsAsync(Ct);

        gate.Notes.ShouldBe(["enters read limits", "free, INVALID_SESSION_ID", "enters read limits", "free, SERVER_UNAVAILABLE", "enters read limits", "counted ApiUsage { Used = 18, Allowed = 15000 }"]);
        client.Rest.ApiUsage.ShouldBe(new ApiUsage(18, 15000));
    }

    [Fact]
    public async Task A_call_whose_answer_does_not_come_counts_and_one_that_was_never_sent_does_not()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Limits, Answer.Dropped());
        using var client = new Client(org, Client.NoRetries);
        using var nowhere = new Client(org, Client.NoRetries, new CountedTokens(new Uri("http://127.0.0.1:1")));
        var gate = new NotingGate();

        await Should.ThrowAsync<SalesforceException>(() => client.Rest.Through(gate).GetOrganizationLimitsAsync(Ct));
        await Should.ThrowAsync<SalesforceException>(() => nowhere.Rest.Through(gate).GetOrganizationLimitsAsync(Ct));

        gate.Notes.ShouldBe(["enters read limits", $"counted, {OwnCodes.NoReply}", "enters read limits", $"free, {OwnCodes.NotReached}"]);
    }

    [Fact]
    public async Task A_call_that_whoever_asked_ended_is_no_success()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        var never = new TaskCompletionSource();
        org.On(Limits, Answer.Ok("{}") with { After = never.Task });
        using var client = new Client(org, Client.NoRetries);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        var gate = new NotingGate();

        await Should.ThrowAsync<OperationCanceledException>(() => client.Rest.Through(gate).GetOrganizationLimitsAsync(stop.Token));
        never.SetResult();

        gate.Notes.ShouldBe(["enters read limits", $"counted, {OwnCodes.NoReply}"]);
    }

    [Fact]
    public async Task A_call_that_the_gate_refuses_is_not_sent()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);
        var gate = new NotingGate { Refuses = true };

        SalesforceException refused = await Should.ThrowAsync<SalesforceException>(() => client.Rest.Through(gate).GetOrganizationLimitsAsync(Ct));

        refused.Code.ShouldBe("NOT_NOW");
        org.Requests.ShouldBeEmpty();
        gate.Notes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_org_does_not_count_passes_without_a_word()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET /services/oauth2/userinfo", Answer.Ok("""{"organization_id":"00D000000000001EAA","user_id":"005000000000001AAA"}"""));
        org.On("GET /services/data", Answer.Ok("[]"));
        using var client = new Client(org);
        var gate = new NotingGate { Refuses = true };

        await client.Rest.Through(gate).GetUserInfoAsync(Ct);
        await client.Rest.Through(gate).GetAvailableRestApiVersionsAsync(Ct);

        gate.Notes.ShouldBeEmpty();
    }

    private sealed class NotingGate : IApiGate
    {
        private readonly ConcurrentQueue<string> _notes = new();

        public bool Refuses { get; init; }

        public IReadOnlyList<string> Notes => [.. _notes];

        public ValueTask EnterAsync(SalesforceRequest request, CancellationToken ct)
        {
            if (Refuses)
                throw new SalesforceException(request.What, [new SalesforceError("NOT_NOW", "later", [], null)], new ErrorClass(new Remedy.Wait(TimeSpan.FromMinutes(1)), Blame.Org));
            _notes.Enqueue($"enters {request.What}");
            return ValueTask.CompletedTask;
        }

        public void Leave(ApiUsage? usage, bool isCounted, SalesforceException? failure) =>
            _notes.Enqueue($"{(isCounted ? $"counted {usage}".TrimEnd() : "free")}{(failure is null ? "" : $", {failure.Code}")}");
    }
}
