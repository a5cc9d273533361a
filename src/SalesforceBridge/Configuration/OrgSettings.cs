using System.Globalization;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Configuration;

/// <summary>The org and how to sign in to it.</summary>
/// <param name="LoginUrl">Where tokens come from.</param>
/// <param name="ApiVersion">The REST and streaming version, as <c>62.0</c>.</param>
/// <param name="OrgId">The org this database is meant for; <c>null</c> takes the first one met.</param>
/// <param name="Credentials">How to sign in.</param>
internal sealed partial record OrgSettings(Uri LoginUrl, string ApiVersion, string? OrgId, OrgCredentials Credentials)
{
    private const decimal OldestApiVersion = 31;

    private static readonly Uri ProductionLogin = new("https://login.salesforce.com");

    /// <summary>What works but should not stay so; each a sentence for the log.</summary>
    public IReadOnlyList<string> Warnings => Credentials switch
    {
        OrgCredentials.UsernamePassword =>
        [
            "SALESFORCE_PASSWORD is the legacy sign-in, which newer orgs refuse. Use SALESFORCE_JWT_PRIVATE_KEY or SALESFORCE_CLIENT_SECRET alone instead.",
        ],
        OrgCredentials.GivenToken =>
        [
            "SALESFORCE_ACCESS_TOKEN cannot be renewed: when it expires, work with the org stops. Use SALESFORCE_JWT_PRIVATE_KEY for anything that lasts.",
        ],
        _ => [],
    };

    public static OrgSettings Read(ConfigVarReader variables)
    {
        Uri login = ReadUrl(variables, ConfigVar.LoginUrl) ?? ProductionLogin;
        Uri? instance = ReadUrl(variables, ConfigVar.InstanceUrl);
        return new OrgSettings(
            login,
            variables.Value<string>(
                ConfigVar.ApiVersion, TryParseVersion, "62.0", "an API version from 31.0 on", "Set one your org serves, like 62.0; not set it is 62.0."),
            variables.Value<string?>(
                ConfigVar.OrgId, TryParseOrgId, null, "an org id", "Set the 15 or 18 characters that Setup, Company Information shows; they begin with 00D."),
            new OrgCredentialsReader(variables, login, instance).Read());
    }

    /// <summary>Reads ids of orgs separated by commas or blanks.</summary>
    public static bool TryParseOrgIds(string text, out IReadOnlyList<string> ids)
    {
        ids = text.Split([',', ' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return ids.All(IsOrgId);
    }

    /// <summary>Whether a text has the form of an org's id, of 15 or 18 characters.</summary>
    public static bool IsOrgId(string text) => OrgIdForm().IsMatch(text);

    private static Uri? ReadUrl(ConfigVarReader variables, ConfigVar variable)
    {
        if (!variables.IsSet(variable))
            return null;
        Uri? url = variables.Value<Uri?>(
            variable, TryParseUrl, null, "an https address without user, query or fragment",
            "Set https://login.salesforce.com, https://test.salesforce.com or your My Domain, https://YOUR-ORG.my.salesforce.com.");
        return url;
    }

    private static bool TryParseUrl(string text, out Uri? url) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url is { UserInfo: "", Query: "", Fragment: "" };

    private static bool TryParseVersion(string text, out string version)
    {
        bool isNumber = decimal.TryParse(text.TrimStart('v'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number);
        version = number.ToString("0.0", CultureInfo.InvariantCulture);
        return isNumber && number >= OldestApiVersion && number < 1000 && number == decimal.Truncate(number);
    }

    private static bool TryParseOrgId(string text, out string? id)
    {
        id = text;
        return IsOrgId(text);
    }

    [GeneratedRegex("^00D([a-zA-Z0-9]{12}|[a-zA-Z0-9]{15})$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OrgIdForm();
}
