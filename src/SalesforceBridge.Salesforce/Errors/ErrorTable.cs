using System.Collections.Frozen;
using System.Net;

namespace SalesforceBridge.Salesforce.Errors;

/// <summary>
/// The one table that says, for every error an org gives, what helps and whom it blames. A code decides, with its text where
/// two things share a code; then the HTTP status; an unknown 5xx is tried again, anything else unknown blames the message.
/// </summary>
public static class ErrorTable
{
    private static readonly ErrorClass MessageIsWrong = new(new Remedy.GiveUp(), Blame.Message);
    private static readonly ErrorClass MessageAgain = new(new Remedy.Retry(), Blame.Message);
    private static readonly ErrorClass MessageAgainInDoubt = MessageAgain with { InDoubt = true };
    private static readonly ErrorClass LaneIsWrong = new(new Remedy.GiveUp(), Blame.Lane);
    private static readonly ErrorClass LaneAgain = new(new Remedy.Retry(), Blame.Lane);
    private static readonly ErrorClass OrgRefuses = new(new Remedy.GiveUp(), Blame.Org);
    private static readonly ErrorClass OrgAgain = new(new Remedy.Retry(), Blame.Org);
    private static readonly ErrorClass OrgAgainInDoubt = OrgAgain with { InDoubt = true };
    private static readonly ErrorClass OrgWantsLogin = new(new Remedy.Renew(), Blame.Org) { IsOfUser = true };
    private static readonly ErrorClass OrgRefusesUser = OrgRefuses with { IsOfUser = true };
    private static readonly ErrorClass UserLacksRight = LaneIsWrong with { IsOfUser = true };

    private static readonly (string Code, string? Says, ErrorClass Class)[] ByCode =
    [
        // The session. Renewing does not help against the first three: a client that tries does so for ever.
        ("INVALID_SESSION_ID", "not valid for use with the REST API", OrgRefusesUser),
        ("INVALID_SESSION_ID", "not attached to Agent", OrgRefusesUser),
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", null, OrgRefusesUser),
        ("INVALID_SESSION_ID", null, OrgWantsLogin),
        ("INVALID_AUTH_HEADER", null, OrgWantsLogin),

        // The login.
        ("invalid_grant", "rate exceeded", OrgWaits(minutes: 1)),
        ("invalid_grant", null, OrgRefuses),
        ("invalid_client", null, OrgRefuses),
        ("invalid_client_id", null, OrgRefuses),
        ("invalid_app_access", null, OrgRefuses),
        ("invalid_request", null, OrgRefuses),
        ("inactive_user", null, OrgRefuses),
        ("inactive_org", null, OrgRefuses),
        ("unsupported_grant_type", null, OrgRefuses),
        ("rate_limit_exceeded", null, OrgWaits(minutes: 1)),
        ("server_error", null, OrgAgain),
        ("temporarily_unavailable", null, OrgAgain),

        // The org as a whole. The daily quota is a window of 24 hours that moves, so calls come back bit by bit.
        ("REQUEST_LIMIT_EXCEEDED", "Concurrent", OrgAgain),
        ("REQUEST_LIMIT_EXCEEDED", null, OrgWaits(minutes: 15)),
        ("STORAGE_LIMIT_EXCEEDED", null, OrgWaits(minutes: 15)),
        ("API_DISABLED_FOR_ORG", null, OrgRefuses),
        ("API_CURRENTLY_DISABLED", "for this User", OrgRefusesUser),
        ("API_CURRENTLY_DISABLED", null, OrgWaits(minutes: 5)),
        ("SERVER_UNAVAILABLE", null, OrgAgain),
        ("INTERNAL_SERVER_ERROR", null, OrgAgainInDoubt),
        (OwnCodes.NotReached, null, OrgAgain),
        (OwnCodes.NoReply, null, OrgAgainInDoubt),
        (OwnCodes.UnusableReply, null, OrgAgainInDoubt),

        // What every call of a lane shares, as long as one user makes them. A permission taken away must not use up the backlog.
        ("INVALID_FIELD", null, UserLacksRight),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", null, UserLacksRight),
        ("INVALID_TYPE", null, UserLacksRight),
        ("INSUFFICIENT_ACCESS", null, UserLacksRight),
        ("FUNCTIONALITY_NOT_ENABLED", null, UserLacksRight),
        ("NOT_FOUND", "external ID field does not exist", UserLacksRight),
        ("MALFORMED_QUERY", null, LaneIsWrong),
        ("MALFORMED_SEARCH", null, LaneIsWrong),
        ("INVALID_QUERY_FILTER_OPERATOR", null, LaneIsWrong),
        ("METHOD_NOT_ALLOWED", null, LaneIsWrong),
        ("UNSUPPORTED_API_VERSION", null, LaneIsWrong),
        ("UNSUPPORTED_MEDIA_TYPE", null, LaneIsWrong),
        ("PLATFORM_EVENT_ENCRYPTION_ERROR", null, LaneIsWrong),
        ("PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", null, LaneAgain),
        ("LIMIT_EXCEEDED", "contain more than", MessageIsWrong),
        ("LIMIT_EXCEEDED", null, LaneWaits(minutes: 5)),

        // One record that will do later. A trigger may report the lock in its own words.
        ("UNABLE_TO_LOCK_ROW", null, MessageAgain),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "UNABLE_TO_LOCK_ROW", MessageAgain),
        ("QUERY_TIMEOUT", null, MessageAgain),
        ("TXN_SECURITY_METERING_ERROR", null, MessageAgain),
        ("TXN_SECURITY_RUNTIME_EXCEPTION", null, MessageAgain),
        ("UNKNOWN_EXCEPTION", null, MessageAgainInDoubt),
        ("APEX_ERROR", null, MessageAgainInDoubt),
        // These were right themselves: another record of their call was not.
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", null, MessageAgain),
        ("PROCESSING_HALTED", null, MessageAgain),
        ("BATCH_PROCESSING_HALTED", null, MessageAgain),

        // One record that will never do as it is.
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", null, MessageIsWrong),
        ("DUPLICATES_DETECTED", null, MessageIsWrong),
        ("DUPLICATE_VALUE", null, MessageIsWrong),
        ("ENTITY_IS_DELETED", null, MessageIsWrong),
        ("EXCEEDED_ID_LIMIT", null, MessageIsWrong),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", null, MessageIsWrong),
        ("FIELD_INTEGRITY_EXCEPTION", null, MessageIsWrong),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", null, MessageIsWrong),
        ("INSUFFICIENT_ACCESS_OR_READONLY", null, MessageIsWrong),
        ("INVALID_CROSS_REFERENCE_KEY", null, MessageIsWrong),
        ("INVALID_EMAIL_ADDRESS", null, MessageIsWrong),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", null, MessageIsWrong),
        ("INVALID_QUERY_LOCATOR", null, MessageIsWrong),
        ("INVALID_REPLICATION_DATE", null, MessageIsWrong),
        ("JSON_PARSER_ERROR", null, MessageIsWrong),
        ("MALFORMED_ID", null, MessageIsWrong),
        ("NOT_FOUND", null, MessageIsWrong),
        ("REQUIRED_FIELD_MISSING", null, MessageIsWrong),
        ("STRING_TOO_LONG", null, MessageIsWrong),
        ("TXN_SECURITY_NO_ACCESS", null, MessageIsWrong),
        (OwnCodes.MultipleChoices, null, MessageIsWrong),

        // A 403 without a word of the API comes from something in front of it.
        (OwnCodes.Http(HttpStatusCode.Forbidden), null, OrgAgain),
    ];

    private static readonly (int From, int To, ErrorClass Class)[] ByStatus =
    [
        // An org that is moving house or under maintenance redirects.
        (301, 308, OrgAgain),
        (401, 401, OrgWantsLogin),
        (405, 405, LaneIsWrong),
        (408, 408, OrgAgain),
        (410, 410, LaneIsWrong),
        (415, 415, LaneIsWrong),
        (420, 420, OrgAgain),
        (429, 429, OrgAgain),
        (500, 599, OrgAgainInDoubt),
    ];

    private static readonly FrozenDictionary<string, (string? Says, ErrorClass Class)[]> Codes = ByCode
        .GroupBy(row => row.Code, row => (row.Says, row.Class))
        .ToFrozenDictionary(rows => rows.Key, rows => rows.ToArray());

    /// <summary>What to make of an error.</summary>
    /// <param name="error">The error, of a whole call or of one item in it.</param>
    public static ErrorClass Of(SalesforceError error) => OfCode(error) ?? OfStatus(error) ?? MessageIsWrong;

    /// <summary>What to make of several errors of one record or call: what has to stop most decides.</summary>
    /// <param name="errors">At least one error.</param>
    public static ErrorClass Of(IReadOnlyList<SalesforceError> errors) =>
        errors.Select(Of).MaxBy(errorClass => ((int)errorClass.Blame * 2) + (errorClass.Remedy is Remedy.GiveUp ? 1 : 0))!;

    private static ErrorClass? OfCode(SalesforceError error) => Codes.TryGetValue(error.Code, out (string? Says, ErrorClass Class)[]? rows)
        ? rows.FirstOrDefault(row => row.Says is null || error.Message.Contains(row.Says, StringComparison.OrdinalIgnoreCase)).Class
        : null;

    private static ErrorClass? OfStatus(SalesforceError error) =>
        ByStatus.FirstOrDefault(row => (int?)error.Status >= row.From && (int?)error.Status <= row.To).Class;

    private static ErrorClass LaneWaits(int minutes) => new(new Remedy.Wait(TimeSpan.FromMinutes(minutes)), Blame.Lane);

    private static ErrorClass OrgWaits(int minutes) => new(new Remedy.Wait(TimeSpan.FromMinutes(minutes)), Blame.Org);
}
