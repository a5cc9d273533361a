using System.Security;
using System.Xml;
using System.Xml.Linq;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>SOAP <c>login</c> and <c>logout</c> of the partner API: how older clients get a session.</summary>
internal sealed class SoapLogin(Org org)
{
    private const string Envelope =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" " +
        "xmlns=\"urn:partner.soap.sforce.com\" xmlns:sf=\"urn:fault.partner.soap.sforce.com\" " +
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{0}</soapenv:Body></soapenv:Envelope>";

    private static readonly XmlReaderSettings Safe = new() { DtdProcessing = DtdProcessing.Prohibit, Async = true, MaxCharactersInDocument = 1_000_000 };

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/services/Soap/u/{version}/{organization?}", AnswerAsync).Is(ApiCallKind.Token);

    private async Task<IResult> AnswerAsync(HttpRequest request, string version, CancellationToken ct)
    {
        XDocument document;
        try
        {
            using var reader = XmlReader.Create(request.Body, Safe);
            document = await XDocument.LoadAsync(reader, LoadOptions.None, ct);
        }
        catch (XmlException)
        {
            return Fault("soapenv:Client", "UNKNOWN_EXCEPTION", "The request is not readable XML");
        }
        if (document.Descendants().FirstOrDefault(element => element.Name.LocalName == "login") is { } login)
            return LogIn(login, version);
        return document.Descendants().Any(element => element.Name.LocalName == "logout")
            ? LogOut(document)
            : Fault("soapenv:Client", "UNKNOWN_EXCEPTION", "No operation available for request");
    }

    private IResult LogIn(XElement login, string version)
    {
        User? user = org.Schema.FindUser(Text(login, "username"));
        if (user is not { Active: true } || !user.HasPassword(Text(login, "password")))
            return Fault("sf:INVALID_LOGIN", "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
        string server = new Uri(org.Address.Instance, $"/services/Soap/u/{version}/{org.Schema.OrgId[..15]}").ToString();
        return Xml(StatusCodes.Status200OK, $"""
            <loginResponse><result><metadataServerUrl>{server.Replace("/u/", "/m/", StringComparison.Ordinal)}</metadataServerUrl>
            <passwordExpired>false</passwordExpired><sandbox>true</sandbox><serverUrl>{server}</serverUrl>
            <sessionId>{org.Tokens.Issue(user, app: null).Value}</sessionId><userId>{user.Id}</userId>
            <userInfo><organizationId>{org.Schema.OrgId}</organizationId><organizationName>{SecurityElement.Escape(org.Schema.OrgName)}</organizationName>
            <profileId>{SalesforceId.Number("00e", 1)}</profileId><roleId xsi:nil="true"/><sessionSecondsValid>{(long)org.Options.TokenLifetime.TotalSeconds}</sessionSecondsValid>
            <userEmail>{SecurityElement.Escape(user.Email)}</userEmail><userFullName>{SecurityElement.Escape(user.Name)}</userFullName><userId>{user.Id}</userId>
            <userLanguage>en_US</userLanguage><userLocale>en_US</userLocale><userName>{SecurityElement.Escape(user.Username)}</userName>
            <userTimeZone>UTC</userTimeZone><userType>Standard</userType></userInfo></result></loginResponse>
            """);
    }

    private IResult LogOut(XDocument document) => org.Tokens.Revoke(Text(document.Root!, "sessionId"))
        ? Xml(StatusCodes.Status200OK, "<logoutResponse/>")
        : Fault("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session");

    private static string Text(XElement element, string name) =>
        element.Descendants().FirstOrDefault(child => child.Name.LocalName == name)?.Value ?? "";

    private static IResult Fault(string faultCode, string code, string message) => Xml(StatusCodes.Status500InternalServerError, $"""
        <soapenv:Fault><faultcode>{faultCode}</faultcode><faultstring>{code}: {message}</faultstring>
        <detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>
        <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>
        """);

    private static IResult Xml(int status, string body) =>
        Results.Text(Envelope.Replace("{0}", body, StringComparison.Ordinal), "text/xml", statusCode: status);
}
