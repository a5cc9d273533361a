using System.Net.Http.Headers;
using System.Net.Http.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests;

/// <summary>What docs/simulator.md shows of a test in .NET.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task An_org_in_the_tests_own_process_is_driven_and_looked_at()
    {
        CancellationToken ct = OrgDriver.Ct;
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { DailyApiRequests = 1_000, BulkPace = TimeSpan.Zero }, ct);

        string id = org.Create("Account", new { Name = "Acme" }, asUser: "ann@example.com");
        org.Publish("Order_Placed__e", new { Amount__c = 250 });
        org.Faults.Add(new Fault.Unavailable(FaultTarget.Api) { Times = 2, RetryAfter = TimeSpan.FromSeconds(1) });

        int[] statuses = [await CollectionAsync(org, id), await CollectionAsync(org, id), await CollectionAsync(org, id)];

        await org.WhenAsync(seen => seen.Ledger.Writes.Count > 0, ct);
        org.Query("select Name from Account where Phone = null").Count.ShouldBe(0);
        org.Ledger.Counts[ApiCallKind.CollectionUpdate].ShouldBe(3);
        statuses.ShouldBe([503, 503, 200]);
    }

    private static async Task<int> CollectionAsync(SimulatedOrg org, string id)
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = org.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", org.OpenSession("bridge@example.com"));
        using HttpResponseMessage response = await client.PatchAsJsonAsync(
            "/services/data/v62.0/composite/sobjects", new { records = new[] { new { attributes = new { type = "Account" }, id, Phone = "1" } } }, OrgDriver.Ct);
        return (int)response.StatusCode;
    }
}
