using System.Net;
using System.Text;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Tests.Errors;

public sealed class ErrorBodyTests
{
    [Fact]
    public void The_usual_array_is_read_whole()
    {
        IReadOnlyList<SalesforceError> errors = Read(400, """
            [{"message":"Required fields are missing: [LastName]","errorCode":"REQUIRED_FIELD_MISSING","fields":["LastName"]},
             {"message":"no fields here","errorCode":"STRING_TOO_LONG"}]
            """);

        errors.Select(error => error.ToString()).ShouldBe([
            "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName] (fields: LastName)",
            "STRING_TOO_LONG: no fields here",
        ]);
        errors.ShouldAllBe(error => error.Status == HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("""{"errorCode":"NOT_FOUND","message":"gone"}""", "NOT_FOUND: gone")]
    [InlineData("""{"error":"invalid_request","error_description":"bad"}""", "invalid_request: bad")]
    [InlineData("""{"id":null,"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"twice","fields":[]}]}""", "DUPLICATE_VALUE: twice")]
    [InlineData("""[{"message":"no code","fields":null}]""", "HTTP_400: no code")]
    [InlineData("""["text"]""", "HTTP_400: a body that is not the API's")]
    [InlineData("null", "HTTP_400: a body that is not the API's")]
    [InlineData("", "HTTP_400: an answer without a body")]
    [InlineData("  \r\n<html>Down</html>", "HTTP_400: a page of markup, not an answer of the API")]
    [InlineData("""[{"message":"half""", "HTTP_400: a body that is not the API's")]
    [InlineData("""[{"message":"\ud800","errorCode":"X"}]""", "HTTP_400: a body that is not the API's")]
    public void Every_other_shape_gives_an_error_too(string body, string error) =>
        Read(400, body).Single().ToString().ShouldBe(error);

    [Fact]
    public void Multiple_choices_name_the_records() =>
        Read(300, """["/services/data/v62.0/sobjects/Account/001A","/services/data/v62.0/sobjects/Account/001B"]""").Single().ToString()
            .ShouldBe("MULTIPLE_CHOICES: 2 records have this external id: "
                + "/services/data/v62.0/sobjects/Account/001A, /services/data/v62.0/sobjects/Account/001B");

    [Fact]
    public void A_text_without_end_is_shortened() =>
        Read(400, $$"""[{"errorCode":"X","message":"{{new string('x', 50_000)}}"}]""").Single().Message.Length.ShouldBeLessThan(5_000);

    private static IReadOnlyList<SalesforceError> Read(int status, string body) =>
        ErrorBody.Read((HttpStatusCode)status, Encoding.UTF8.GetBytes(body));
}
