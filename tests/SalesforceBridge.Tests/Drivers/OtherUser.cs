using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>A user of a test's database who owns nothing in it.</summary>
internal sealed class OtherUser : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private OtherUser(TestDatabase database) => _database = database;

    public string Name => $"other_{_database.Name}";

    /// <summary>How <c>DATABASE_URL</c> names the database with this user.</summary>
    public string Url => _database.Url.Replace("bridge@", $"{Name}@");

    /// <param name="database">The database.</param>
    /// <param name="options">More of <c>create role</c>.</param>
    public static async Task<OtherUser> CreateAsync(TestDatabase database, string options = "")
    {
        var user = new OtherUser(database);
        await database.ExecuteAsync($"create role {user.Name} login {options}");
        return user;
    }

    public Task GrantAsync(params string[] rights) => _database.ExecuteAsync(string.Join("; ", rights.Select(right => $"grant {right} to {Name}")));

    public async ValueTask DisposeAsync() => await _database.ExecuteAsync($"drop owned by {Name}; drop role {Name}");
}
