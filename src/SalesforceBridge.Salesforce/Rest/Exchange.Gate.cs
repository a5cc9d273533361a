using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>The gate that calls pass.</content>
internal sealed partial class Exchange
{
    private IApiGate? _gate;

    /// <summary>The same way to the org through another gate, which is asked before each call.</summary>
    public Exchange Through(IApiGate gate)
    {
        var other = (Exchange)MemberwiseClone();
        other._gate = gate;
        return other;
    }

    private async Task<T> SendOnceAsync<T>(
        SalesforceRequest request, AccessToken token, Func<HttpResponseMessage, CancellationToken, Task<T>> take, CancellationToken ct)
    {
        if (_gate is not { } gate || !request.IsCounted)
            return await SendUngatedAsync(request, token, take, _ => { }, ct);
        await gate.EnterAsync(request, ct);
        (ApiUsage? usage, bool isCounted, SalesforceException? why) = (null, true, null);
        try
        {
            T answer = await SendUngatedAsync(request, token, take, told => (usage, isCounted) = (told, told is not null), ct);
            isCounted = true;
            return answer;
        }
        catch (SalesforceException failure)
        {
            (why, isCounted) = (failure, isCounted && failure.Code != OwnCodes.NotReached);
            throw;
        }
        catch (OperationCanceledException ended)
        {
            why = CallFailure.Ended(request, ended);
            throw;
        }
        finally
        {
            gate.Leave(usage, isCounted, why);
        }
    }
}
