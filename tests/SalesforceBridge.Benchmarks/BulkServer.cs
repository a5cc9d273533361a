using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SalesforceBridge.Benchmarks;

/// <summary>What an org is for the Bulk client of a benchmark: a job of each sort, complete at once, that takes any bytes and gives the same page ten times.</summary>
internal sealed class BulkServer : IAsyncDisposable
{
    private const int Pages = BulkRows.Count / BulkRows.PageRows;

    private static readonly byte[] Page = BulkRows.Page();

    private readonly WebApplication _server;
    private long _lines;

    private BulkServer(WebApplication server) => _server = server;

    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Counted by their ids, since a row may have several lines.</summary>
    public long RowsOfLastUpload => Interlocked.Read(ref _lines);

    public static async Task<BulkServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var server = new BulkServer(builder.Build());
        server.Map("ingest");
        server.Map("query");
        server._server.MapPut("/services/data/v62.0/jobs/ingest/1/batches", server.TakeAsync);
        server._server.MapGet("/services/data/v62.0/jobs/query/1/results", GiveAsync);
        await server._server.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map(string kind)
    {
        string job = $$"""{"id":"1","operation":"insert","object":"Order__c","state":"JobComplete","apiVersion":62.0,"lineEnding":"LF","columnDelimiter":"COMMA"}""";
        string path = $"/services/data/v62.0/jobs/{kind}";
        _server.MapPost(path, () => Results.Text(job, "application/json"));
        _server.MapGet(path + "/1", () => Results.Text(job, "application/json"));
        _server.MapPatch(path + "/1", () => Results.Text(job, "application/json"));
    }

    private async Task TakeAsync(HttpContext context)
    {
        long rows = 0;
        PipeReader body = context.Request.BodyReader;
        ReadResult read;
        do
        {
            read = await body.ReadAsync(context.RequestAborted);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                rows += piece.Span.Count((byte)'-');
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        // One in the id and two in the date of each row.
        Interlocked.Exchange(ref _lines, rows / 3);
        context.Response.StatusCode = StatusCodes.Status201Created;
    }

    private static async Task GiveAsync(HttpContext context)
    {
        int page = int.TryParse(context.Request.Query["locator"], out int number) ? number : 1;
        context.Response.ContentType = "text/csv";
        context.Response.Headers["Sforce-Locator"] = page < Pages ? $"{page + 1}" : "null";
        context.Response.Headers["Sforce-NumberOfRecords"] = $"{BulkRows.PageRows}";
        await context.Response.Body.WriteAsync(Page, context.RequestAborted);
    }
}
