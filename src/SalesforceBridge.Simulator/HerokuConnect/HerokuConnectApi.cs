using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>
/// The part of Heroku Connect's API that tells how a connection is: the central place that finds it, and the region's <c>/api/v3</c>,
/// both here. Only from loopback.
/// </summary>
internal sealed class HerokuConnectApi : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HerokuConnectStandIn _standIn;
    private readonly WebApplication _server;

    private HerokuConnectApi(HerokuConnectStandIn standIn)
    {
        _standIn = standIn;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _server = builder.Build();
        _server.UseRouting();
        Map(_server.MapGroup("").AddEndpointFilter(OnlyWithToken));
    }

    public Uri Url { get; private set; } = null!;

    public static async Task<HerokuConnectApi> StartAsync(HerokuConnectStandIn standIn, CancellationToken ct)
    {
        var api = new HerokuConnectApi(standIn);
        await api._server.StartAsync(ct);
        api.Url = new Uri(api._server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    private void Map(RouteGroupBuilder api)
    {
        api.MapPost("/auth/{app}", (string app) => app == _standIn.Options.App ? Results.NoContent() : Results.NotFound());
        api.MapGet("/connections", FindConnections);
        api.MapGet("/api/v3/connections/{id}", TellConnectionAsync);
        api.MapPost("/api/v3/connections/{id}/actions/pause", (string id, CancellationToken ct) => ActAsync(id, _standIn.PauseAsync, ct));
        api.MapPost("/api/v3/connections/{id}/actions/resume", (string id, CancellationToken ct) => ActAsync(id, _standIn.ResumeAsync, ct));
        api.MapPost("/api/v3/mappings/{id}/actions/reload", ReloadAsync);
    }

    private IResult FindConnections(HttpRequest request) => Answer(new
    {
        Results = request.Query["app"] == _standIn.Options.App ? new[] { Summary() } : [],
    });

    private object Summary() => new
    {
        Id = _standIn.ConnectionId,
        Name = _standIn.Options.App,
        ResourceName = "herokuconnect-sandbox-1",
        RegionUrl = Url.ToString().TrimEnd('/'),
        DetailUrl = new Uri(Url, $"api/v3/connections/{_standIn.ConnectionId}").ToString(),
        AddonType = "herokuconnect",
    };

    private async Task<IResult> TellConnectionAsync(string id, HttpRequest request, CancellationToken ct)
    {
        if (id != _standIn.ConnectionId)
            return Results.NotFound();
        bool deep = string.Equals(request.Query["deep"], "true", StringComparison.OrdinalIgnoreCase);
        object[]? mappings = deep ? await Task.WhenAll(_standIn.Mappings.Select(mapping => TellMappingAsync(mapping, ct))) : null;
        return Answer(new
        {
            Id = id,
            Name = _standIn.Options.App,
            _standIn.State,
            DbKey = "DATABASE_URL",
            SchemaName = _standIn.Options.Schema,
            Plan = "sandbox",
            SfInfo = new { Environment = "custom", Domain = _standIn.Org.Url.Host, ApiVersion = "62.0" },
            Features = new { PollDbNoMerge = true },
            Metrics = new { LastWriteActivityTime = _standIn.Mappings.Max(mapping => mapping.WrittenAt) },
            Mappings = mappings,
        });
    }

    private async Task<object> TellMappingAsync(Mapping mapping, CancellationToken ct) => new
    {
        mapping.Id,
        ObjectName = mapping.Type.Name,
        mapping.State,
        Access = mapping.IsReadWrite ? "read_write" : "read_only",
        Config = new { SfPollingSeconds = _standIn.Options.ReadEvery.TotalSeconds },
        mapping.Options.UpsertField,
        Counts = await _standIn.CountAsync(mapping, ct),
        Times = new { SfPoll = mapping.ReadAt, SfWrite = mapping.WrittenAt },
        ActivelyWriting = false,
        IsPolling = false,
    };

    private async Task<IResult> ActAsync(string id, Func<CancellationToken, Task> act, CancellationToken ct)
    {
        if (id != _standIn.ConnectionId)
            return Results.NotFound();
        await act(ct);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> ReloadAsync(string id, CancellationToken ct)
    {
        if (_standIn.Mappings.FirstOrDefault(mapping => mapping.Id == id) is not { } mapping)
            return Results.NotFound();
        await _standIn.ReloadAsync(mapping.Type.Name, ReloadMethod.Truncate, ct);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    private ValueTask<object?> OnlyWithToken(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.Headers.Authorization == $"Bearer {_standIn.Options.ApiToken}"
            ? next(context)
            : ValueTask.FromResult<object?>(Results.Unauthorized());

    private static IResult Answer(object body) => Results.Json(body, Json);
}
