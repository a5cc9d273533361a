using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Destinations;

public sealed class InvokeDestinationTests
{
    private static readonly Fault.FailedAction TooMany = new("UNKNOWN_EXCEPTION") { Message = "An Apex error occurred: System.LimitException: Too many SOQL queries: 101" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Inputs_that_are_too_much_together_are_tried_in_smaller_calls()
    {
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions(), Ct);
        org.Faults.Add(TooMany with { Times = 3 });

        CallOutcome outcome = await DeliverAsync(org, 3);

        outcome.ShouldBe(new CallOutcome.CallRefused("UNKNOWN_EXCEPTION", $"UNKNOWN_EXCEPTION: {TooMany.Message}"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task One_that_is_too_much_alone_or_some_of_many_are_tried_again(int inputs, int failing)
    {
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions(), Ct);
        org.Faults.Add(TooMany with { Times = failing });

        IReadOnlyList<DeliveryOutcome> outcomes = (await DeliverAsync(org, inputs)).ShouldBeOfType<CallOutcome.Answered>().Outcomes;

        outcomes.OfType<DeliveryOutcome.Refused>().Count(refused => !refused.Permanent).ShouldBe(failing);
        outcomes.OfType<DeliveryOutcome.Delivered>().Count().ShouldBe(inputs - failing);
    }

    private static async Task<CallOutcome> DeliverAsync(SimulatedOrg org, int inputs)
    {
        using HttpClient http = SalesforceHttp.Create();
        using var meters = new TestMeters();
        var token = new OneToken(new AccessToken(org.OpenSession("bridge@example.com"), org.InstanceUrl));
        var client = new SalesforceClient(
            http, token, new SalesforceClientSettings { Retries = 0 }, meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using NpgsqlDataSource connections = NpgsqlDataSource.Create(database.ConnectionString);
        await new Migrations(connections, new BridgeSchema("bridge")).ApplyAsync(Ct);
        var log = new ApiCallLog(new BridgeDatabase(connections, new MessagingOptions()));
        using var governor = new ApiGovernor(ApiBudget.Default, log, new ApiPace(), new ApiMetrics(meters), TimeProvider.System);
        Delivery[] deliveries = [.. Enumerable.Range(1, inputs).Select(id =>
            new Delivery("accepted", id, null, "invoke flow Accept_Order", "{\"orderId\":\"a1\"}"u8.ToArray(), null, 1))];
        return await new InvokeDestination(new OrgCalls(client, governor), InvocableAction.Flow("Accept_Order")).DeliverAsync(deliveries, Ct);
    }

    private sealed class OneToken(AccessToken token) : ITokenSource
    {
        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(token);

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => new(token);
    }
}
