using System.Globalization;
using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Http;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Makes the exceptions of calls that ended without an answer of the org, or with one that cannot be used.</summary>
internal static class CallFailure
{
    /// <summary>Whether no connection came about, so that nothing was sent.</summary>
    public static bool WasNeverSent(HttpRequestException fault) => fault.HttpRequestError is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    /// <summary>Whether a connection ended in the middle.</summary>
    public static bool IsBroken(Exception fault) => fault is HttpRequestException or IOException or InvalidDataException;

    public static SalesforceException NotReached(SalesforceRequest request, string host, Exception fault) =>
        Of(request, OwnCodes.NotReached, $"no connection to {host}: {fault.Message}", fault);

    public static SalesforceException NotReachedInTime(SalesforceRequest request, string host, Exception fault) =>
        Of(request, OwnCodes.NotReached, $"no connection to {host} in time", fault);

    public static SalesforceException Broken(SalesforceRequest request, string host, Exception fault) =>
        Of(request, OwnCodes.NoReply, $"the connection to {host} broke: {fault.Message}", fault);

    public static SalesforceException TooSlow(SalesforceRequest request, string host, TimeSpan limit, Exception fault) =>
        Of(request, OwnCodes.NoReply, $"{host} did not answer within {limit}", fault);

    public static SalesforceException TooLong(SalesforceRequest request, BodyTooLongException fault) =>
        Of(request, OwnCodes.UnusableReply,
            $"the answer is longer than {fault.Longest.ToString("n0", CultureInfo.InvariantCulture)} bytes; ask for less, or raise {nameof(SalesforceClientSettings.LongestAnswer)}", fault);

    public static SalesforceException Ended(SalesforceRequest request, Exception fault) =>
        Of(request, OwnCodes.NoReply, "whoever asked did not wait for the answer", fault);

    public static SalesforceException Unusable(SalesforceRequest request, HttpStatusCode status, Exception? fault = null) =>
        Of(request, OwnCodes.UnusableReply, "the answer is not what this call is answered with", fault, status);

    private static SalesforceException Of(
        SalesforceRequest request, string code, string text, Exception? cause, HttpStatusCode? status = null)
    {
        SalesforceError[] errors = [new(code, text, [], status)];
        return new SalesforceException(request.What, errors, ErrorTable.Of(errors), inner: cause);
    }
}
