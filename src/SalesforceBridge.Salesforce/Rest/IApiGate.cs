using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Decides whether a call may be made now, and learns what the org says of its quota: a stated seam, for whoever divides the calls of a day.
/// Calls that the org does not count pass without a word.
/// </summary>
public interface IApiGate
{
    /// <summary>Asked right before a call is sent, and again when it is sent again.</summary>
    /// <param name="request">The call.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SalesforceException">It must not be made now; nothing was sent.</exception>
    ValueTask EnterAsync(SalesforceRequest request, CancellationToken ct);

    /// <summary>The call ended: once for each that entered.</summary>
    /// <param name="usage">What the org said of its quota; null where it said nothing.</param>
    /// <param name="isCounted">Whether the org counts it: it did what was asked, said something of its quota, or its answer did not come.</param>
    /// <param name="failure">Why it did not succeed, also where whoever asked ended it; null where it did.</param>
    void Leave(ApiUsage? usage, bool isCounted, SalesforceException? failure);
}
