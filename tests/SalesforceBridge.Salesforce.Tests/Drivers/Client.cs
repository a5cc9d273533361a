using System.Text;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A client of a scripted org, with what it logs.</summary>
public sealed class Client : IDisposable
{
    private readonly HttpClient _http = SalesforceHttp.Create();

    public Client(ScriptedOrg org, SalesforceClientSettings? settings = null, ITokenSource? tokens = null, Version? version = null)
    {
        // Without TLS nobody tells the client that the server speaks another version.
        _http.DefaultRequestVersion = version ?? _http.DefaultRequestVersion;
        Tokens = new CountedTokens(org.Url);
        Rest = new SalesforceClient(_http, tokens ?? Tokens, settings ?? Patient, Meters, TimeProvider.System, Log);
    }

    /// <summary>Retries at once, so that tests need not wait.</summary>
    public static SalesforceClientSettings Patient { get; } = new() { FirstPause = TimeSpan.FromMilliseconds(1) };

    public static SalesforceClientSettings NoRetries { get; } = new() { Retries = 0 };

    public SalesforceClient Rest { get; }

    public CountedTokens Tokens { get; }

    public LogLines<SalesforceClient> Log { get; } = new();

    public TestMeters Meters { get; } = new();

    public static ReadOnlyMemory<byte> Json(string json) => Encoding.UTF8.GetBytes(json);

    public void Dispose()
    {
        _http.Dispose();
        Meters.Dispose();
    }
}
