using System.Text.Json.Serialization;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Faults;

/// <summary>Which door of the org a fault stands at.</summary>
public enum FaultTarget
{
    /// <summary>OAuth token endpoint and SOAP login.</summary>
    Token,

    /// <summary>REST.</summary>
    Api,

    /// <summary>CometD.</summary>
    Streaming,
}

/// <summary>Which quota is used up.</summary>
public enum QuotaKind
{
    /// <summary>The requests of 24 hours.</summary>
    Daily,

    /// <summary>Long requests at one time.</summary>
    Concurrent,
}

/// <summary>Something that goes wrong on demand: a number of times, or until it is cleared.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fault")]
[JsonDerivedType(typeof(Unavailable), "unavailable")]
[JsonDerivedType(typeof(HtmlOutage), "html-outage")]
[JsonDerivedType(typeof(Delayed), "delayed")]
[JsonDerivedType(typeof(ExpiredToken), "expired-token")]
[JsonDerivedType(typeof(QuotaExceeded), "quota-exceeded")]
[JsonDerivedType(typeof(RefusedCall), "refused-call")]
[JsonDerivedType(typeof(RefusedLogin), "refused-login")]
[JsonDerivedType(typeof(HiddenLimits), "hidden-limits")]
[JsonDerivedType(typeof(UntoldUsage), "untold-usage")]
[JsonDerivedType(typeof(UsedAllocation), "used-allocation")]
[JsonDerivedType(typeof(CutApiReply), "cut-api-reply")]
[JsonDerivedType(typeof(LockedRow), "locked-row")]
[JsonDerivedType(typeof(RejectedItem), "rejected-item")]
[JsonDerivedType(typeof(HiddenField), "hidden-field")]
[JsonDerivedType(typeof(ExpiredLocator), "expired-locator")]
[JsonDerivedType(typeof(SmallPages), "small-pages")]
[JsonDerivedType(typeof(FailedBulkJob), "failed-bulk-job")]
[JsonDerivedType(typeof(PublishLimitExceeded), "publish-limit-exceeded")]
[JsonDerivedType(typeof(ForgottenClient), "forgotten-client")]
[JsonDerivedType(typeof(Disconnected), "disconnected")]
[JsonDerivedType(typeof(CutPollReply), "cut-poll-reply")]
[JsonDerivedType(typeof(GapEvent), "gap-event")]
[JsonDerivedType(typeof(InvalidReplayId), "invalid-replay-id")]
[JsonDerivedType(typeof(ServerBusy), "server-busy")]
[JsonDerivedType(typeof(HandshakeDenied), "handshake-denied")]
[JsonDerivedType(typeof(DuplicateDelivery), "duplicate-delivery")]
[JsonDerivedType(typeof(LostReply), "lost-reply")]
[JsonDerivedType(typeof(ReorderedDelivery), "reordered-delivery")]
[JsonDerivedType(typeof(MissingAction), "missing-action")]
[JsonDerivedType(typeof(FailedAction), "failed-action")]
public abstract record Fault
{
    private protected Fault()
    {
    }

    /// <summary>How often it strikes; nothing: until it is cleared.</summary>
    public int? Times { get; init; }

    /// <summary>503 with an error body.</summary>
    /// <param name="On">Where.</param>
    public sealed record Unavailable(FaultTarget On) : Fault
    {
        /// <summary>Sent as <c>Retry-After</c>, in whole seconds.</summary>
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>Only calls of this kind.</summary>
        public ApiCallKind? Call { get; init; }
    }

    /// <summary>503 with a page of HTML, as the edge shows during maintenance.</summary>
    /// <param name="On">Where.</param>
    public sealed record HtmlOutage(FaultTarget On) : Fault;

    /// <summary>An answer that takes its time.</summary>
    /// <param name="On">Where.</param>
    /// <param name="By">How long before the work begins.</param>
    public sealed record Delayed(FaultTarget On, TimeSpan By) : Fault
    {
        /// <summary>Only calls of this kind.</summary>
        public ApiCallKind? Call { get; init; }
    }

    /// <summary>The token of the next REST call or poll (a held one too) expires at that moment.</summary>
    public sealed record ExpiredToken : Fault
    {
        /// <summary>Only at this door, Api or Streaming; nothing: whichever comes first.</summary>
        public FaultTarget? On { get; init; }
    }

    /// <summary>403 REQUEST_LIMIT_EXCEEDED.</summary>
    /// <param name="Quota">Which text.</param>
    public sealed record QuotaExceeded(QuotaKind Quota) : Fault;

    /// <summary>A REST call is refused as a whole, and nothing is done.</summary>
    /// <param name="Status">Such as 403.</param>
    /// <param name="StatusCode">Such as API_DISABLED_FOR_ORG.</param>
    public sealed record RefusedCall(int Status, string StatusCode) : Fault
    {
        /// <summary>The text with it.</summary>
        public string Message { get; init; } = "Refused on demand";

        /// <summary>Only calls of this kind.</summary>
        public ApiCallKind? Call { get; init; }
    }

    /// <summary>No token is given, with status 400.</summary>
    /// <param name="Error">Such as invalid_grant.</param>
    public sealed record RefusedLogin(string Error) : Fault
    {
        /// <summary>The text with it.</summary>
        public string Message { get; init; } = "Refused on demand";
    }

    /// <summary>403 for the org's limits: the user lacks the permission View Setup.</summary>
    public sealed record HiddenLimits : Fault;

    /// <summary>An answer comes without <c>Sforce-Limit-Info</c>, as behind a proxy that drops it.</summary>
    public sealed record UntoldUsage : Fault;

    /// <summary>One of the org's limits says that so much is left. It is told and not enforced.</summary>
    /// <param name="Limit">Such as DailyDeliveredPlatformEvents.</param>
    /// <param name="Remaining">How much is left; nothing: the org does not name the limit.</param>
    public sealed record UsedAllocation(string Limit, long? Remaining) : Fault;

    /// <summary>The work is done, then the connection breaks before the answer.</summary>
    public sealed record CutApiReply : Fault
    {
        /// <summary>Only calls of this kind.</summary>
        public ApiCallKind? Call { get; init; }
    }

    /// <summary>UNABLE_TO_LOCK_ROW for a record that is written; each record counts as one time.</summary>
    public sealed record LockedRow : Fault
    {
        /// <summary>Only this object.</summary>
        public string? Object { get; init; }
    }

    /// <summary>One record of a collection is refused, the others are not.</summary>
    /// <param name="StatusCode">Such as CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY.</param>
    public sealed record RejectedItem(string StatusCode) : Fault
    {
        /// <summary>The text with it.</summary>
        public string Message { get; init; } = "Rejected on demand";
    }

    /// <summary>A permission is taken away: the field is as if it did not exist, in writes, queries and describes.</summary>
    /// <param name="Object">The object's API name.</param>
    /// <param name="Field">The field's API name.</param>
    public sealed record HiddenField(string Object, string Field) : Fault
    {
        /// <summary>Only from this user, and only in writes; nothing: from everybody.</summary>
        public string? User { get; init; }
    }

    /// <summary>400 INVALID_QUERY_LOCATOR for a later page of a query: its locator is too old.</summary>
    public sealed record ExpiredLocator : Fault;

    /// <summary>A page of a query holds fewer rows than the client asked for, as where rows are wide; each page counts as one time.</summary>
    /// <param name="Size">How many rows it holds at most, 1 or more.</param>
    public sealed record SmallPages(int Size) : Fault;

    /// <summary>A Bulk job fails half way: the rows behind the first ones stay unprocessed.</summary>
    /// <param name="AfterRows">How many rows are processed, 1 or more.</param>
    public sealed record FailedBulkJob(int AfterRows) : Fault
    {
        /// <summary>The job's error.</summary>
        public string Error { get; init; } = "InternalServerError : Failed on demand";
    }

    /// <summary>LIMIT_EXCEEDED for a published event (the hourly allocation).</summary>
    public sealed record PublishLimitExceeded : Fault;

    /// <summary>The session of the next poll (a held one too) is gone: <c>403::Unknown client</c>.</summary>
    public sealed record ForgottenClient : Fault;

    /// <summary>An unsolicited <c>/meta/disconnect</c> ends the session of the next poll (a held one too).</summary>
    public sealed record Disconnected : Fault;

    /// <summary>The next poll reply that carries events breaks off in the middle of one; its events count as delivered.</summary>
    public sealed record CutPollReply : Fault;

    /// <summary>A change is told without what changed: its event is of type <c>GAP_</c> and has a header only.</summary>
    public sealed record GapEvent : Fault
    {
        /// <summary>Only of this object.</summary>
        public string? Object { get; init; }

        /// <summary>As if more had changed at once than the org names: <c>GAP_OVERFLOW</c>, and no record's id.</summary>
        public bool IsOverflow { get; init; }
    }

    /// <summary>A subscribe with a stored replay id is told that the id is not valid.</summary>
    public sealed record InvalidReplayId : Fault
    {
        /// <summary>Only this channel.</summary>
        public string? Channel { get; init; }
    }

    /// <summary><c>503::Server is too busy</c> as failure reason beside a misleading 401 and advice none.</summary>
    public sealed record ServerBusy : Fault
    {
        /// <summary>Handshake, Connect (a held one too) or Subscribe.</summary>
        public ApiCallKind On { get; init; } = ApiCallKind.Connect;
    }

    /// <summary><c>403::Handshake denied</c> with a reason of your own.</summary>
    /// <param name="Reason">Such as <c>403::Organization concurrent user limit exceeded</c>.</param>
    public sealed record HandshakeDenied(string Reason) : Fault;

    /// <summary>An attempt of an outbound message or Apex callout goes out twice at the same time, on two connections.</summary>
    public sealed record DuplicateDelivery : Fault
    {
        /// <summary>Only this rule.</summary>
        public string? Rule { get; init; }
    }

    /// <summary>The receiver takes an outbound message or Apex callout, but the org never hears of it and sends it again when a retry is due.</summary>
    public sealed record LostReply : Fault
    {
        /// <summary>Only this rule.</summary>
        public string? Rule { get; init; }
    }

    /// <summary>An outbound message or Apex callout is held back until a younger one of its rule was attempted.</summary>
    public sealed record ReorderedDelivery : Fault
    {
        /// <summary>Only this rule.</summary>
        public string? Rule { get; init; }
    }

    /// <summary>A flow is inactive or an Apex class is not there: the action is as if it did not exist.</summary>
    /// <param name="Action">Its API name.</param>
    public sealed record MissingAction(string Action) : Fault;

    /// <summary>A run of a flow or an action fails; each input counts as one time.</summary>
    /// <param name="StatusCode">Such as UNKNOWN_EXCEPTION.</param>
    public sealed record FailedAction(string StatusCode) : Fault
    {
        /// <summary>The text with it.</summary>
        public string Message { get; init; } = "Failed on demand";

        /// <summary>Only this one; nothing: any.</summary>
        public string? Action { get; init; }
    }
}
