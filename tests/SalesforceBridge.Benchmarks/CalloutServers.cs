using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using NpgsqlTypes;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Benchmarks;

/// <summary>The bridge's web process, and two servers that one would write at first, all in this process.</summary>
internal sealed class CalloutServers : IAsyncDisposable
{
    private const string Insert = """
        insert into bridge.inbox (source, key, dedupe_key, payload) values ('callout plain', $1, $2, $3)
        on conflict (source, dedupe_key) do nothing returning id
        """;

    private readonly List<IHost> _hosts = [];
    private readonly NpgsqlDataSource _pool;
    private readonly string _routes = Directory.CreateTempSubdirectory("bridge-benchmark-").FullName;

    private CalloutServers(NpgsqlDataSource pool) => _pool = pool;

    /// <summary>Group commit, durable.</summary>
    public Uri Bridge { get; private set; } = null!;

    /// <summary>The same checks, and an INSERT for each request on a pool of 16 connections.</summary>
    public Uri InsertEach { get; private set; } = null!;

    /// <summary>Reads the body and answers.</summary>
    public Uri Bare { get; private set; } = null!;

    /// <param name="port">Where the database is reached.</param>
    public static async Task<CalloutServers> StartAsync(int port)
    {
        NpgsqlDataSource pool = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={port};Username=bridge;Database=postgres;SSL Mode=Disable;Maximum Pool Size=16;Max Auto Prepare=20;Auto Prepare Min Usages=2");
        await new Migrations(pool, new BridgeSchema("bridge")).ApplyAsync(default);
        var servers = new CalloutServers(pool);
        servers.Bridge = await servers.StartAsync(BridgeHost.Build(ProcessRole.Web, servers.Settings(port), new MemoryStream()));
        servers.InsertEach = await servers.StartPlainAsync(servers.StoreAsync);
        servers.Bare = await servers.StartPlainAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        return servers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        await _pool.DisposeAsync();
        Directory.Delete(_routes, recursive: true);
    }

    private BridgeSettings Settings(int port)
    {
        File.WriteAllText(Path.Combine(_routes, "orders.sql"), "-- on: callout orders\nselect 1 from message");
        File.WriteAllText(Path.Combine(_routes, "won.sql"), "-- on: outbound-message Opportunity\nselect 1 from message");
        var vars = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = $"postgres://bridge@127.0.0.1:{port}/postgres?sslmode=disable",
            ["PORT"] = "0",
            ["BRIDGE_ROUTES"] = _routes,
            ["BRIDGE_STORAGE"] = "20GB",
            ["BRIDGE_CALLOUT_SECRETS"] = BenchmarkRequests.Secret,
        };
        return BridgeSettings.Read(vars) is Reading<BridgeSettings>.Valid valid ? valid.Settings : throw new InvalidOperationException("The benchmark's settings are wrong.");
    }

    /// <summary>How long the way to the database and back takes, without what is done there.</summary>
    public async Task<TimeSpan> RoundTripAsync()
    {
        await using NpgsqlConnection connection = await _pool.OpenConnectionAsync();
        await using var ask = new NpgsqlCommand("select", connection);
        List<TimeSpan> times = [];
        for (int n = 0; n < 200; n++)
            times.Add(await Report.TimeAsync(() => ask.ExecuteNonQueryAsync()));
        return times.Order().ElementAt(times.Count / 2);
    }

    private Task<Uri> StartPlainAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            await answer(context);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        return StartAsync(app);
    }

    private async Task<Uri> StartAsync(IHost host)
    {
        _hosts.Add(host);
        await host.StartAsync();
        return new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("[::]", "127.0.0.1"));
    }

    private async Task StoreAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        byte[] body = content.ToArray();
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{context.Request.Headers["X-Bridge-Timestamp"]}.{key}."), .. body];
        byte[] signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(BenchmarkRequests.Secret), signed);
        if (!CryptographicOperations.FixedTimeEquals(signature, Convert.FromHexString(context.Request.Headers["X-Bridge-Signature"].ToString())))
            throw new InvalidOperationException("The benchmark signs wrongly.");
        using JsonDocument json = JsonDocument.Parse(body);
        string id = json.RootElement.GetProperty("new")[0].GetProperty("Id").GetString()!;

        await using NpgsqlConnection connection = await _pool.OpenConnectionAsync();
        await using var insert = new NpgsqlCommand(Insert, connection)
        {
            Parameters = { new() { Value = id }, new() { Value = key }, new() { Value = body, NpgsqlDbType = NpgsqlDbType.Jsonb } },
        };
        await insert.ExecuteScalarAsync();
    }
}
