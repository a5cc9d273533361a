using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SalesforceBridge.Simulator.Automation;
using SalesforceBridge.Simulator.Bulk;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Identity;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Rest.Composite;
using SalesforceBridge.Simulator.Rest.Screens;
using SalesforceBridge.Simulator.Streaming;

namespace SalesforceBridge.Simulator;

/// <summary>The org's HTTP side: every endpoint in one list.</summary>
internal static class OrgServer
{
    private const long MaxRequestBytes = 50 * 1024 * 1024;

    /// <summary>The API's limit for a URI, and for a URI with its headers.</summary>
    private const int MaxUriBytes = 16 * 1024;

    public static WebApplication Build(Org org)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, org.Options.Port));
        builder.Services.AddRoutingCore();
        builder.Services.AddRequestDecompression();
        builder.Services.AddResponseCompression(compression =>
        {
            // Salesforce offers gzip and nothing newer.
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["application/json", "text/csv"];
        });
        WebApplication server = builder.Build();
        Map(server, org);
        return server;
    }

    private static void Listen(KestrelServerOptions kestrel, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        kestrel.Limits.MaxRequestLineSize = MaxUriBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxUriBytes;
        kestrel.Listen(IPAddress.Loopback, port);
        // The address that the org can move to.
        kestrel.Listen(IPAddress.Loopback, 0);
    }

    private static void Map(WebApplication server, Org org)
    {
        var gate = new ApiGate(org);
        server.Use(RefuseLongHeads);
        server.Use(OverrideMethod);
        server.UseRouting();
        server.UseWhen(IsRest, rest => rest.UseResponseCompression());
        server.UseRequestDecompression();
        server.Use(new DefaultNamespace(org).InvokeAsync);
        server.Use(gate.InvokeAsync);
        server.Use(new ConditionalRequests(org).InvokeAsync);

        new TokenEndpoint(org).Map(server);
        new AuthorizeEndpoint(org).Map(server);
        new SoapLogin(org).Map(server);
        new IdentityEndpoints(org).Map(server);
        new ApiVersions(org).Map(server);
        RouteGroupBuilder api = server.MapGroup("/services/data/v{version}");
        MapResources(api, org, gate);
        new EventSchemaEndpoints(org).Map(api);
        new ReplicationEndpoints(org).Map(api);
        new RecentEndpoint(org).Map(api);
        new LayoutEndpoints(org).Map(api);
        new ListViewEndpoints(org).Map(api);
        new QuickActionEndpoints(org).Map(api);
        new TabEndpoints(org).Map(api);
        new IngestEndpoints(org).Map(api);
        new QueryJobEndpoints(org).Map(api);
        new GenericChannelEndpoint(org).Map(api);
        new ActionEndpoints(org).Map(api);
        new ProcessEndpoints(org).Map(api);
        new ApexRestEndpoint(org).Map(server);
        new AbsentApis(org).Map(server);
        new CometdEndpoint(org).Map(server);
        new AdminEndpoints(org).Map(server);
    }

    // What can be asked for alone, and what asks for many of these in one request.
    private static void MapResources(RouteGroupBuilder api, Org org, ApiGate gate)
    {
        var records = new RecordVerbs(org);
        var collections = new CollectionVerbs(org);
        var describes = new DescribeEndpoints(org);
        var queries = new QueryEndpoints(org);
        var search = new SearchEndpoint(org);
        var limits = new LimitEndpoints(org, gate);
        new RecordEndpoints(org, records).Map(api);
        new CollectionEndpoints(org, collections).Map(api);
        describes.Map(api);
        queries.Map(api);
        search.Map(api);
        limits.Map(api);

        var resources = new Resources(records, collections, queries, search, describes, limits);
        new CompositeEndpoint(org, resources).Map(api);
        new BatchEndpoint(org, gate, resources).Map(api);
        new GraphEndpoint(org, resources).Map(api);
        new TreeEndpoint(org).Map(api);
    }

    private static bool IsRest(HttpContext context) => context.Request.Path.StartsWithSegments("/services/data", StringComparison.OrdinalIgnoreCase);

    // The server itself bounds the address and the headers, each alone; an org bounds them together.
    private static Task RefuseLongHeads(HttpContext context, RequestDelegate next)
    {
        int length = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length
            + context.Request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0));
        if (length <= MaxUriBytes)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
        return Task.CompletedTask;
    }

    // POST …?_HttpMethod=PATCH, for clients that cannot send PATCH.
    private static Task OverrideMethod(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Query["_HttpMethod"] is [{ Length: > 0 } method])
            context.Request.Method = method.ToUpperInvariant();
        return next(context);
    }
}
