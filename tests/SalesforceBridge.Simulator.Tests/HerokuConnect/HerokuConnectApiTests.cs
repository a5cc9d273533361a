using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.HerokuConnect;

public sealed class HerokuConnectApiTests
{
    [Fact]
    public async Task A_connection_is_found_by_its_app_and_tells_its_mappings_with_their_counts()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann" }));
        tables.Org.Create("Contact", new { LastName = "Not read yet" });
        await tables.InsertAsync("order__c", "amount__c", "-5");
        await tables.WriteAsync();
        await tables.InsertAsync("order__c", "amount__c", "6");
        using HttpClient caller = Caller(tables);

        JsonElement found = (await GetAsync(caller, "connections?app=sandbox-app")).GetProperty("results")[0];
        found.GetProperty("id").GetString().ShouldBe(tables.StandIn.ConnectionId);
        JsonElement connection = await GetAsync(caller, found.GetProperty("detail_url").GetString() + "?deep=true");

        (connection.GetProperty("state").GetString(), connection.GetProperty("schema_name").GetString()).ShouldBe(("IDLE", "salesforce"));
        JsonElement contact = MappingOf(connection, "Contact");
        (contact.GetProperty("state").GetString(), contact.GetProperty("access").GetString()).ShouldBe(("DATA_SYNCED", "read_write"));
        CountsOf(contact).ShouldBe("""{"db":1,"sf":2,"pending":0,"errors":0}""");
        CountsOf(MappingOf(connection, "Order__c")).ShouldBe("""{"db":2,"sf":0,"pending":1,"errors":1}""");
        MappingOf(connection, "Account").GetProperty("upsert_field").GetString().ShouldBe("External_Id__c");
        MappingOf(connection, "Opportunity").GetProperty("access").GetString().ShouldBe("read_only");
        (await GetAsync(caller, found.GetProperty("detail_url").GetString()!)).TryGetProperty("mappings", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_is_told_anything_without_the_token()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        using HttpClient caller = Caller(tables, token: "another");

        foreach (string path in new[] { "connections?app=sandbox-app", $"api/v3/connections/{tables.StandIn.ConnectionId}" })
        {
            using HttpResponseMessage answer = await caller.GetAsync(path, SyncedTables.Ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        using HttpClient caller = Caller(tables);

        (await GetAsync(caller, "connections?app=another")).GetProperty("results").GetArrayLength().ShouldBe(0);
        (await StatusAsync(caller, HttpMethod.Get, "api/v3/connections/another")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(caller, HttpMethod.Post, "api/v3/connections/another/actions/pause")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(caller, HttpMethod.Post, "api/v3/mappings/another/actions/reload")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(caller, HttpMethod.Post, "auth/another")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task It_can_be_paused_and_resumed_and_a_mapping_reloaded()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann" }));
        using HttpClient caller = Caller(tables);
        string connection = $"api/v3/connections/{tables.StandIn.ConnectionId}";
        (await StatusAsync(caller, HttpMethod.Post, "auth/sandbox-app")).ShouldBe(HttpStatusCode.NoContent);

        (await StatusAsync(caller, HttpMethod.Post, $"{connection}/actions/pause")).ShouldBe(HttpStatusCode.Accepted);
        (await GetAsync(caller, connection)).GetProperty("state").GetString().ShouldBe("PAUSED");
        (await StatusAsync(caller, HttpMethod.Post, $"{connection}/actions/resume")).ShouldBe(HttpStatusCode.Accepted);
        (await GetAsync(caller, connection)).GetProperty("state").GetString().ShouldBe("IDLE");

        string before = await tables.ScalarAsync<string>("select xmin::text from salesforce.contact");
        string mapping = MappingOf(await GetAsync(caller, $"{connection}?deep=true"), "Contact").GetProperty("id").GetString()!;
        (await StatusAsync(caller, HttpMethod.Post, $"api/v3/mappings/{mapping}/actions/reload")).ShouldBe(HttpStatusCode.Accepted);
        (await tables.ScalarAsync<string>("select xmin::text from salesforce.contact")).ShouldNotBe(before);
    }

    [Fact]
    public async Task A_test_can_have_it_tell_another_state()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        using HttpClient caller = Caller(tables);

        tables.StandIn.Pretend("UNAUTHORIZED");
        tables.StandIn.Pretend("BULK_LOAD_ERROR", "Contact");
        JsonElement told = await GetAsync(caller, $"api/v3/connections/{tables.StandIn.ConnectionId}?deep=true");
        told.GetProperty("state").GetString().ShouldBe("UNAUTHORIZED");
        MappingOf(told, "Contact").GetProperty("state").GetString().ShouldBe("BULK_LOAD_ERROR");

        tables.StandIn.Pretend(null);
        (await GetAsync(caller, $"api/v3/connections/{tables.StandIn.ConnectionId}")).GetProperty("state").GetString().ShouldBe("IDLE");
    }

    private static HttpClient Caller(SyncedTables tables, string token = "sandbox-heroku-token") => new(new SocketsHttpHandler())
    {
        BaseAddress = tables.StandIn.ApiUrl,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    private static async Task<JsonElement> GetAsync(HttpClient caller, string path) =>
        JsonSerializer.Deserialize<JsonElement>(await caller.GetStringAsync(path, SyncedTables.Ct));

    private static async Task<HttpStatusCode> StatusAsync(HttpClient caller, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using HttpResponseMessage answer = await caller.SendAsync(request, SyncedTables.Ct);
        return answer.StatusCode;
    }

    private static JsonElement MappingOf(JsonElement connection, string type) =>
        connection.GetProperty("mappings").EnumerateArray().Single(mapping => mapping.GetProperty("object_name").GetString() == type);

    private static string CountsOf(JsonElement mapping) => mapping.GetProperty("counts").GetRawText();
}
