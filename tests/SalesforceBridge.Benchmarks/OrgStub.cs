using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SalesforceBridge.Benchmarks;

/// <summary>
/// What an org is for whoever saves and queries: it lets everybody in, takes whatever comes and answers like an org that is content with all
/// of it. It counts calls of the API, and bytes as they are on the wire but for TLS.
/// </summary>
internal sealed class OrgStub : IAsyncDisposable
{
    private const string Api = "/services/data/v62.0";

    private readonly WebApplication _server;
    private readonly TimeSpan _thinksOfEach;
    private long _calls;

    private OrgStub(WebApplication server, TimeSpan thinksOfEach, WireBytes bytes) => (_server, _thinksOfEach, Bytes) = (server, thinksOfEach, bytes);

    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The calls so far, logins not among them.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>The bytes so far.</summary>
    public WireBytes Bytes { get; }

    /// <param name="thinksOfEach">How long it takes over each record, beside what the answer costs here.</param>
    public static async Task<OrgStub> StartAsync(TimeSpan thinksOfEach = default)
    {
        var bytes = new WireBytes();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
        {
            connection.Transport = bytes.Count(connection.Transport);
            return next(connection);
        })));
        var stub = new OrgStub(builder.Build(), thinksOfEach, bytes);
        stub._server.MapPost("/services/oauth2/token", stub.LogIn);
        stub._server.MapMethods($"{Api}/composite/sobjects/{{**key}}", ["POST", "PATCH"], stub.SaveAsync);
        stub._server.MapDelete($"{Api}/composite/sobjects", stub.DeleteAsync);
        stub._server.MapGet($"{Api}/query", context => stub.AnswerAsync(context, OrgRecords.PageSize, OrgRecords.Pages[0]));
        stub._server.MapGet($"{Api}/query/{{page:int}}", (HttpContext context, int page) => stub.AnswerAsync(context, OrgRecords.PageSize, OrgRecords.Pages[page]));
        await stub._server.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private IResult LogIn() => Results.Text($$"""
        {"access_token":"00D000000000001!token","instance_url":"{{Address.GetLeftPart(UriPartial.Authority)}}","id":"{{Address}}id/00D000000000001EAA/005000000000001AAA","token_type":"Bearer","issued_at":"1790000000000"}
        """, "application/json");

    private async Task SaveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        int records = body.GetBuffer().AsSpan(0, (int)body.Length).Count("{\"attributes\""u8);
        await AnswerAsync(context, records, OrgRecords.ResultsOf(records));
    }

    private Task DeleteAsync(HttpContext context)
    {
        int records = context.Request.Query["ids"].ToString().Split(',').Length;
        return AnswerAsync(context, records, OrgRecords.ResultsOf(records));
    }

    private async Task AnswerAsync(HttpContext context, int records, byte[] answer)
    {
        long calls = Interlocked.Increment(ref _calls);
        if (_thinksOfEach > TimeSpan.Zero)
            await Task.Delay(_thinksOfEach * records, TimeProvider.System, context.RequestAborted);
        context.Response.ContentType = "application/json;charset=UTF-8";
        context.Response.Headers["Sforce-Limit-Info"] = $"api-usage={calls}/1000000";
        if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            context.Response.Headers.ContentEncoding = "gzip";
            answer = OrgRecords.Packed(answer);
        }

        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
