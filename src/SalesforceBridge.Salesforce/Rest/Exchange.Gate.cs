using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>The gate that calls pass.</content>
internal sealed partial class Exchange
{
    /// <summary>Asked before each call; null lets every call pass.</summary>
    public IApiGate? Gate { get; init; }

    /// <summary>The same way to the org through another gate.</summary>
    public Exchange Through(IApiGate gate) => new(http, tokens, settings, metrics, time, logger) { Gate = gate };

    private async Task<T> SendOnceAsync<T>(SalesforceRequest request, AccessToken token, Func<SalesforceReply, T> read, CancellationToken ct)
    {
        if (Gate is not { } gate || !request.IsCounted)
            return await SendUngatedAsync(request, token, read, _ => { }, ct);
        await gate.EnterAsync(request, ct);
        (ApiUsage? usage, bool isCounted) = (null, true);
        try
        {
            return await SendUngatedAsync(request, token, read, told => (usage, isCounted) = (told, told is not null), ct);
        }
        catch (SalesforceException failure) when (failure.Code == OwnCodes.NotReached)
        {
            isCounted = false;
            throw;
        }
        finally
        {
            gate.Leave(usage, isCounted);
        }
    }
}
