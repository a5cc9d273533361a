using System.Net;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Tests.Errors;

public sealed class ErrorTableTests
{
    // status, code, text, what helps, whom it blames; "?" behind the remedy: the org may have acted.
    [Theory]
    [InlineData(400, "INVALID_FIELD", "No such column 'Foo__c' on sobject of type Account", "give up", Blame.Lane)]
    [InlineData(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Status__c", "give up", Blame.Lane)]
    [InlineData(400, "INVALID_TYPE", "sObject type 'X' is not supported.", "give up", Blame.Lane)]
    [InlineData(400, "MALFORMED_QUERY", "unexpected token", "give up", Blame.Lane)]
    [InlineData(400, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator", "give up", Blame.Lane)]
    [InlineData(400, "MALFORMED_ID", "Account ID: id value of incorrect type: 001", "give up", Blame.Message)]
    [InlineData(400, "INVALID_QUERY_LOCATOR", "invalid query locator", "give up", Blame.Message)]
    [InlineData(400, "JSON_PARSER_ERROR", "Unexpected character", "give up", Blame.Message)]
    [InlineData(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "give up", Blame.Message)]
    [InlineData(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too large", "give up", Blame.Message)]
    [InlineData(400, "FIELD_INTEGRITY_EXCEPTION", "no", "give up", Blame.Message)]
    [InlineData(400, "STRING_TOO_LONG", "Name: data value too large", "give up", Blame.Message)]
    [InlineData(400, "DUPLICATE_VALUE", "duplicate value found", "give up", Blame.Message)]
    [InlineData(400, "DUPLICATES_DETECTED", "Use one of these records?", "give up", Blame.Message)]
    [InlineData(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "give up", Blame.Message)]
    [InlineData(400, "INVALID_EMAIL_ADDRESS", "invalid email", "give up", Blame.Message)]
    [InlineData(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value", "give up", Blame.Message)]
    [InlineData(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", "give up", Blame.Message)]
    [InlineData(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access", "give up", Blame.Message)]
    [InlineData(400, "EXCEEDED_ID_LIMIT", "too many", "give up", Blame.Message)]
    [InlineData(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "OrderTrigger: execution of AfterUpdate caused by: boom", "give up", Blame.Message)]
    [InlineData(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "caused by: UNABLE_TO_LOCK_ROW, unable to obtain", "retry", Blame.Message)]
    [InlineData(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", "retry", Blame.Message)]
    [InlineData(400, "QUERY_TIMEOUT", "Your query request was running for too long.", "retry", Blame.Message)]
    [InlineData(400, "TXN_SECURITY_METERING_ERROR", "busy", "retry", Blame.Message)]
    [InlineData(400, "TXN_SECURITY_RUNTIME_EXCEPTION", "broken", "retry", Blame.Message)]
    [InlineData(400, "TXN_SECURITY_NO_ACCESS", "blocked by a policy", "give up", Blame.Message)]
    [InlineData(400, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", "wait 00:15:00", Blame.Org)]
    [InlineData(400, "UNHEARD_OF", "new", "give up", Blame.Message)]
    [InlineData(401, "INVALID_SESSION_ID", "Session expired or invalid", "renew", Blame.Org)]
    [InlineData(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", "renew", Blame.Org)]
    [InlineData(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API", "give up", Blame.Org)]
    [InlineData(401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", "give up", Blame.Org)]
    [InlineData(401, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "expired", "give up", Blame.Org)]
    [InlineData(401, "HTTP_401", "an answer without a body", "renew", Blame.Org)]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "wait 00:15:00", Blame.Org)]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", "retry", Blame.Org)]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", "retry", Blame.Org)]
    [InlineData(403, "API_DISABLED_FOR_ORG", "not enabled", "give up", Blame.Org)]
    [InlineData(403, "API_CURRENTLY_DISABLED", "disabled", "wait 00:05:00", Blame.Org)]
    [InlineData(403, "INSUFFICIENT_ACCESS", "no", "give up", Blame.Lane)]
    [InlineData(403, "FUNCTIONALITY_NOT_ENABLED", "no", "give up", Blame.Lane)]
    [InlineData(403, "HTTP_403", "a page of markup", "retry", Blame.Org)]
    [InlineData(404, "NOT_FOUND", "The requested resource does not exist", "give up", Blame.Message)]
    [InlineData(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: x", "give up", Blame.Lane)]
    [InlineData(404, "ENTITY_IS_DELETED", "entity is deleted", "give up", Blame.Message)]
    [InlineData(405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed.", "give up", Blame.Lane)]
    [InlineData(405, "HTTP_405", "", "give up", Blame.Lane)]
    [InlineData(408, "HTTP_408", "", "retry", Blame.Org)]
    [InlineData(409, "CONFLICT", "", "give up", Blame.Message)]
    [InlineData(410, "UNSUPPORTED_API_VERSION", "gone", "give up", Blame.Lane)]
    [InlineData(410, "HTTP_410", "", "give up", Blame.Lane)]
    [InlineData(412, "BATCH_PROCESSING_HALTED", "", "retry", Blame.Message)]
    [InlineData(414, "HTTP_414", "", "give up", Blame.Message)]
    [InlineData(415, "UNSUPPORTED_MEDIA_TYPE", "", "give up", Blame.Lane)]
    [InlineData(415, "HTTP_415", "", "give up", Blame.Lane)]
    [InlineData(420, "HTTP_420", "", "retry", Blame.Org)]
    [InlineData(428, "HTTP_428", "", "give up", Blame.Message)]
    [InlineData(429, "HTTP_429", "", "retry", Blame.Org)]
    [InlineData(431, "HTTP_431", "", "give up", Blame.Message)]
    [InlineData(300, "MULTIPLE_CHOICES", "2 records", "give up", Blame.Message)]
    [InlineData(302, "HTTP_302", "", "retry", Blame.Org)]
    [InlineData(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", "retry?", Blame.Message)]
    [InlineData(500, "APEX_ERROR", "System.NullPointerException", "retry?", Blame.Message)]
    [InlineData(500, "INTERNAL_SERVER_ERROR", "", "retry?", Blame.Org)]
    [InlineData(500, "UNHEARD_OF", "", "retry?", Blame.Org)]
    [InlineData(502, "HTTP_502", "", "retry?", Blame.Org)]
    [InlineData(503, "HTTP_503", "", "retry?", Blame.Org)]
    [InlineData(503, "SERVER_UNAVAILABLE", "Too many requests waiting for connections", "retry", Blame.Org)]
    [InlineData(504, "HTTP_504", "", "retry?", Blame.Org)]
    [InlineData(201, "LIMIT_EXCEEDED", "hourly publish limit", "wait 00:05:00", Blame.Lane)]
    [InlineData(400, "LIMIT_EXCEEDED", "The request can’t contain more than 25 operations.", "give up", Blame.Message)]
    [InlineData(201, "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", "later", "retry", Blame.Lane)]
    [InlineData(201, "PLATFORM_EVENT_ENCRYPTION_ERROR", "no key", "give up", Blame.Lane)]
    [InlineData(200, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back", "retry", Blame.Message)]
    [InlineData(200, "PROCESSING_HALTED", "rolled back", "retry", Blame.Message)]
    [InlineData(200, "UNHEARD_OF", "", "give up", Blame.Message)]
    [InlineData(400, "invalid_grant", "authentication failure", "give up", Blame.Org)]
    [InlineData(400, "rate_limit_exceeded", "", "wait 00:01:00", Blame.Org)]
    public void Every_error_has_its_remedy_and_its_blame(int status, string code, string text, string remedy, Blame blame)
    {
        ErrorClass errorClass = ErrorTable.Of(new SalesforceError(code, text, [], (HttpStatusCode)status));

        Name(errorClass).ShouldBe(remedy);
        errorClass.Blame.ShouldBe(blame);
    }

    [Theory]
    [InlineData(400, "INVALID_FIELD", "No such column", true)]
    [InlineData(400, "INVALID_TYPE", "sObject type is not supported", true)]
    [InlineData(403, "INSUFFICIENT_ACCESS", "", true)]
    [InlineData(401, "INVALID_SESSION_ID", "Session expired or invalid", true)]
    [InlineData(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API", true)]
    [InlineData(403, "API_CURRENTLY_DISABLED", "API is disabled for this User", true)]
    [InlineData(403, "API_CURRENTLY_DISABLED", "API is currently disabled for maintenance", false)]
    [InlineData(403, "API_DISABLED_FOR_ORG", "", false)]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", false)]
    [InlineData(405, "METHOD_NOT_ALLOWED", "", false)]
    [InlineData(410, "UNSUPPORTED_API_VERSION", "", false)]
    [InlineData(503, "SERVER_UNAVAILABLE", "", false)]
    public void What_another_user_might_be_allowed_is_told_apart(int status, string code, string text, bool isOfUser) =>
        ErrorTable.Of(new SalesforceError(code, text, [], (HttpStatusCode)status)).IsOfUser.ShouldBe(isOfUser);

    [Fact]
    public void A_401_without_a_word_is_the_users() =>
        ErrorTable.Of(new SalesforceError(OwnCodes.Http(HttpStatusCode.Unauthorized), "", [], HttpStatusCode.Unauthorized)).IsOfUser.ShouldBeTrue();

    [Theory]
    [InlineData(OwnCodes.NotReached, "retry")]
    [InlineData(OwnCodes.NoReply, "retry?")]
    [InlineData(OwnCodes.UnusableReply, "retry?")]
    public void A_broken_connection_blames_the_org(string code, string remedy)
    {
        ErrorClass errorClass = ErrorTable.Of(new SalesforceError(code, "", [], null));

        Name(errorClass).ShouldBe(remedy);
        errorClass.Blame.ShouldBe(Blame.Org);
    }

    [Theory]
    [InlineData("STRING_TOO_LONG", "INVALID_FIELD", "give up", Blame.Lane)]
    [InlineData("UNABLE_TO_LOCK_ROW", "STRING_TOO_LONG", "give up", Blame.Message)]
    [InlineData("INVALID_FIELD", "SERVER_UNAVAILABLE", "retry", Blame.Org)]
    public void Of_several_errors_the_one_that_stops_most_decides(string one, string other, string remedy, Blame blame)
    {
        ErrorClass errorClass = ErrorTable.Of([Error(one), Error(other)]);

        ErrorTable.Of([Error(other), Error(one)]).ShouldBe(errorClass);
        Name(errorClass).ShouldBe(remedy);
        errorClass.Blame.ShouldBe(blame);
    }

    private static SalesforceError Error(string code) => new(code, "", [], HttpStatusCode.OK);

    private static string Name(ErrorClass errorClass) => errorClass.Remedy switch
    {
        Remedy.Retry => "retry",
        Remedy.Renew => "renew",
        Remedy.Wait wait => $"wait {wait.For}",
        _ => "give up",
    } + (errorClass.InDoubt ? "?" : "");
}
