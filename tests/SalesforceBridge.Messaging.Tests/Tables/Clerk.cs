namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>A database user with rights to the bridge's tables and some to the watched one, and no more.</summary>
internal sealed class Clerk(Shop shop, string name) : IAsyncDisposable
{
    public string Name => name;

    public static async Task<Clerk> HireAsync(Shop shop, string rights)
    {
        string name = $"clerk_{shop.Middle.Store.Name}";
        await shop.ExecuteAsync($"""
            create role {name} login;
            grant usage on schema bridge, salesforce to {name};
            grant all on all tables in schema bridge to {name};
            grant all on all sequences in schema bridge to {name};
            grant {rights} on salesforce.contact to {name}
            """);
        return new Clerk(shop, name);
    }

    public async ValueTask DisposeAsync()
    {
        await shop.ExecuteAsync($"drop owned by {name}");
        await shop.ExecuteAsync($"drop role {name}");
    }
}
