using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests;

public sealed class PostgresTests
{
    [Fact]
    public async Task A_test_has_a_postgres_of_its_own()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();

        (await database.ScalarAsync<string>("select current_database()")).ShouldBe(database.Name);
    }
}
