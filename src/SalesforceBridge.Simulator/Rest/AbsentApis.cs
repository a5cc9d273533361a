using System.Security;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>APIs beside REST that this org does not have. Who asks is told so in a form that clients read.</summary>
internal sealed class AbsentApis(Org org)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/services/async/{**path}", RefuseBulk);
        routes.Map("/services/Soap/{**path}", () => JsonReply.Error(StatusCodes.Status404NotFound, ApiError.NotFound));
    }

    // The first Bulk API, which speaks XML whatever it is sent.
    private IResult RefuseBulk(HttpRequest request) => org.Tokens.Find(request.Headers["X-SFDC-Session"]) is null
        ? Refusal("InvalidSessionId", "Unable to find session id")
        : Refusal("FeatureNotEnabled", "The first Bulk API is not enabled in this org; use jobs/ingest and jobs/query");

    private static IResult Refusal(string code, string message) => Results.Text(
        $"""<?xml version="1.0" encoding="UTF-8"?><error xmlns="http://www.force.com/2009/06/asyncapi/dataload"><exceptionCode>{code}</exceptionCode><exceptionMessage>{SecurityElement.Escape(message)}</exceptionMessage></error>""",
        "application/xml",
        statusCode: StatusCodes.Status400BadRequest);
}
