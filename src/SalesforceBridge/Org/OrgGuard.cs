using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Org;

/// <summary>
/// Keeps this process from an org that its database does not belong to: a person is told, whatever works with the org is told to stop,
/// and it goes on by itself when the org is the right one again.
/// </summary>
internal sealed partial class OrgGuard(OrgBelonging belonging, TokenOwner owner, BridgeDatabase database, TimeProvider time, ILogger<OrgGuard> logger) : IDisposable
{
    /// <summary>The alert that stands while credentials are for another org.</summary>
    public const string AlertName = "other org";

    /// <summary>The code of the refusal.</summary>
    public const string Code = "OTHER_ORG";

    private readonly Alerts _alerts = new(database);
    private readonly Lock _gate = new();
    private CancellationTokenSource _refused = new();
    private OrgObjection? _objection;
    private long _toldAt;

    // It may stand since another process raised it.
    private bool _mayHaveAlert = true;

    /// <summary>How often it is looked at again whether the org is the right one.</summary>
    public TimeSpan Look => database.Options.LongestPause;

    /// <summary>Ends when a token turns out to be for another org; a new one is there when the org is the right one again.</summary>
    public CancellationToken Refused
    {
        get
        {
            lock (_gate)
                return _refused.Token;
        }
    }

    /// <summary>Lets a token through that is for the right org.</summary>
    /// <exception cref="OAuthException">It is for another, with <see cref="Code"/>; or nobody could say.</exception>
    public async Task AdmitAsync(AccessToken token, CancellationToken ct)
    {
        try
        {
            OrgObjection? objection = await belonging.BindAsync(await owner.OfAsync(token, ct), ct);
            await TellAsync(objection, ct);
            if (objection is not null)
                throw new OAuthException(objection.ToString(), isFatal: true, Look) { Code = Code };
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            throw new OAuthException("The database could not be asked which org it belongs to.", isFatal: false, inner: error);
        }
        catch (SalesforceException error)
        {
            throw new OAuthException($"The org did not say which one it is: {error.Message}", isFatal: false, error.RetryAfter, error);
        }
    }

    public void Dispose() => _refused.Dispose();

    private async Task TellAsync(OrgObjection? objection, CancellationToken ct)
    {
        if (!Turn(objection, out bool isNews))
            return;
        if (objection is null)
        {
            await _alerts.ClearAsync(AlertName, ct);
            _mayHaveAlert = false;
            return;
        }

        if (isNews)
            LogRefused(objection);
        _mayHaveAlert = true;
        await _alerts.RaiseAsync(AlertName, $"Nothing is subscribed, polled or delivered. {objection}", ct);
    }

    /// <returns>Whether there is something to tell: many ask, and one word in a while is enough.</returns>
    private bool Turn(OrgObjection? objection, out bool isNews)
    {
        lock (_gate)
        {
            isNews = objection != _objection;
            bool isOld = objection is not null && time.GetElapsedTime(_toldAt) >= Look;
            bool isTold = !isNews && !isOld && !(objection is null && _mayHaveAlert);
            if (objection is not null && _objection is null)
                Deadline.Cancel(_refused);
            if (objection is null && _objection is not null)
                _refused = new CancellationTokenSource();
            _objection = objection;
            _toldAt = isTold ? _toldAt : time.GetTimestamp();
            return !isTold;
        }
    }

    [LoggerMessage(LogLevel.Error, "Nothing is subscribed, polled or delivered. {Objection}")]
    private partial void LogRefused(OrgObjection objection);
}
