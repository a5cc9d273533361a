using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.HerokuConnect;

namespace SalesforceBridge.Sandbox;

/// <summary>The org's contacts as Heroku Connect would keep them in the app's database.</summary>
internal static class SyncedContacts
{
    private static readonly string[] Fields = ["FirstName", "LastName", "Email", "Phone", "Badge__c"];

    // Heroku Connect looks every ten minutes, and at most every ten seconds the other way. Nobody wants to watch that.
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(200);

    /// <summary>Begins to keep them.</summary>
    public static Task<HerokuConnectStandIn> StartAsync(SimulatedOrg org, SandboxDatabase database, CancellationToken ct) => HerokuConnectStandIn.StartAsync(org, new HerokuConnectOptions
    {
        ConnectionString = database.ConnectionString,
        Schema = SandboxDatabase.SyncedSchema,
        Mappings = [new MappingOptions("Contact", Fields)],
        ReadEvery = ReadEvery,
        WritePause = WritePause,
    }, ct);
}
