using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class BulkErrorTests
{
    [Theory]
    [InlineData("REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --", "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName")]
    [InlineData("REQUIRED_FIELD_MISSING:Required fields are missing: [A, B]:A B --", "REQUIRED_FIELD_MISSING", "Required fields are missing: [A, B]", "A,B")]
    [InlineData("DUPLICATE_VALUE:duplicate value found: Ext__c duplicates value on record with id: 001:--", "DUPLICATE_VALUE", "duplicate value found: Ext__c duplicates value on record with id: 001", "")]
    [InlineData("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 200 records: 001,002:--", "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 200 records: 001,002", "")]
    [InlineData("FIELD_CUSTOM_VALIDATION_EXCEPTION:two\nlines -- and: a colon:Amount__c --", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "two\nlines -- and: a colon", "Amount__c")]
    [InlineData("INVALID_FIELD:No such column 'X' on entity 'Account'.", "INVALID_FIELD", "No such column 'X' on entity 'Account'.", "")]
    [InlineData("something else", OwnCodes.NoReason, "something else", "")]
    [InlineData("", OwnCodes.NoReason, "", "")]
    [InlineData(null, OwnCodes.NoReason, "", "")]
    public void A_rows_error_is_read_from_its_text(string? text, string code, string message, string fields)
    {
        SalesforceError error = BulkError.OfRow(text).ShouldHaveSingleItem();

        error.Code.ShouldBe(code);
        error.Message.ShouldBe(message);
        string.Join(',', error.Fields).ShouldBe(fields);
    }

    [Fact]
    public void Several_errors_of_a_row_follow_one_another() =>
        BulkError.OfRow("STRING_TOO_LONG:Name: too large:Name --REQUIRED_FIELD_MISSING:Required fields are missing: [A]:A --")
            .Select(error => error.Code).ShouldBe(["STRING_TOO_LONG", "REQUIRED_FIELD_MISSING"]);

    [Theory]
    [InlineData("UNABLE_TO_LOCK_ROW:busy:--", typeof(Remedy.Retry), Blame.Message)]
    [InlineData("INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: A:A --", typeof(Remedy.GiveUp), Blame.Lane)]
    [InlineData("STORAGE_LIMIT_EXCEEDED:full:--", typeof(Remedy.Wait), Blame.Org)]
    [InlineData("STRING_TOO_LONG:too large:Name --", typeof(Remedy.GiveUp), Blame.Message)]
    public void A_rows_error_is_classed_like_one_of_REST(string text, Type remedy, Blame blame)
    {
        ErrorClass errorClass = ErrorTable.Of(BulkError.OfRow(text));

        errorClass.Remedy.ShouldBeOfType(remedy);
        errorClass.Blame.ShouldBe(blame);
    }

    [Theory]
    [InlineData("InvalidBatch : Field name not found : Foo__c", "INVALIDBATCH", "Field name not found : Foo__c", typeof(Remedy.GiveUp), Blame.Lane)]
    [InlineData("ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF", "CLIENTINPUTERROR", "LineEnding is invalid on user data. Current LineEnding setting is LF", typeof(Remedy.GiveUp), Blame.Lane)]
    [InlineData("TooManyLockFailure : Too many lock failure 200", "TOOMANYLOCKFAILURE", "Too many lock failure 200", typeof(Remedy.Retry), Blame.Lane)]
    [InlineData("ExceededQuota : ApiBatchItems Limit exceeded.", "EXCEEDEDQUOTA", "ApiBatchItems Limit exceeded.", typeof(Remedy.Wait), Blame.Lane)]
    [InlineData("InternalServerError : oops", "INTERNALSERVERERROR", "oops", typeof(Remedy.Retry), Blame.Lane)]
    [InlineData(null, OwnCodes.NoReason, "the org does not say why the job failed", typeof(Remedy.GiveUp), Blame.Message)]
    public void A_jobs_error_is_read_from_its_message(string? text, string code, string message, Type remedy, Blame blame)
    {
        SalesforceError error = BulkError.OfJob(text);

        error.Code.ShouldBe(code);
        error.Message.ShouldBe(message);
        ErrorTable.Of(error).Remedy.ShouldBeOfType(remedy);
        ErrorTable.Of(error).Blame.ShouldBe(blame);
    }
}
