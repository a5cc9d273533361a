using System.Text.Encodings.Web;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Http;

/// <summary>The first page of a fresh app: what is missing and what to type. It shows names, never a value.</summary>
internal static class SetupPage
{
    public static void MapSetupPage(this IEndpointRouteBuilder endpoints, OrgCredentials.Missing missing, string? app)
    {
        string page = Render(missing, app);
        endpoints.MapGet("/", context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return context.Response.WriteAsync(page, context.RequestAborted);
        });
    }

    public static string Render(OrgCredentials.Missing missing, string? app) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>SalesforceBridge: setup</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff }
        h2 { margin-top: 2.5rem; font-size: 1.1rem }
        code, pre { font-family: ui-monospace, monospace; font-size: .9rem }
        pre { background: #f2f2f2; padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
        </style>
        </head>
        <body>
        <h1>Almost there</h1>
        <p>The bridge runs, but it has not been told how to sign in to your Salesforce org. Set what is missing{{(missing.Ways.Count > 1 ? " in one of these ways" : "")}}; the app then restarts by itself.</p>
        {{string.Join('\n', missing.Ways.Select(way => Render(way, app)))}}
        <h2>Then</h2>
        <p>Check it with <code>heroku run bridge doctor{{Encode(app is null ? "" : $" --app {app}")}}</code>, or look at <a href="/readyz">/readyz</a>.</p>
        </body>
        </html>

        """;

    private static string Render(WayToSignIn way, string? app) => $"""
        <h2>{Encode(way.Name)}</h2>
        <ul>
        {string.Join('\n', way.Vars.Select(item => $"<li><code>{item.Variable}</code>: {Encode(item.What)}</li>"))}
        </ul>
        <pre>{Encode(way.CommandFor(app))}</pre>
        """;

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
