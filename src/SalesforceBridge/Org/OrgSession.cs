using SalesforceBridge.Bayeux;
using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Org;

/// <summary>How this process listens to the org.</summary>
internal sealed class OrgSession(ITokenSource tokens, OrgSettings settings, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private readonly HttpMessageHandler _handler = BayeuxClient.CreateHandler();

    /// <summary>A stream that goes on from what is stored.</summary>
    public EventStream OpenStream(Func<string, CancellationToken, ValueTask<ReplayFrom>> storedPosition) => new(
        tokens, _handler, storedPosition, new EventStreamOptions { ApiVersion = settings.ApiVersion }, time, loggers.CreateLogger<EventStream>());

    public void Dispose() => _handler.Dispose();
}
