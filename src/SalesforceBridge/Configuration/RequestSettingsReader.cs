using System.Globalization;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Configuration;

/// <summary>Reads the APIs that the config vars <c>BRIDGE_REQUEST_NAME_...</c> describe.</summary>
internal sealed partial class RequestSettingsReader(ConfigVarReader variables)
{
    private const int DefaultConcurrency = 4, MostConcurrency = 64, ShortestSigningKey = 16;
    private const string Url = "URL", Auth = "AUTH", User = "USER", TheSecret = "SECRET", TokenUrl = "TOKEN_URL", Concurrency = "CONCURRENCY";
    private const string Kinds = "none, basic, bearer, client-credentials, anypoint or hmac";

    private static readonly string[] Parts = [Url, Auth, User, TheSecret, TokenUrl, Concurrency];

    private static readonly Dictionary<string, string[]> Needs = new()
    {
        ["none"] = [],
        ["basic"] = [User, TheSecret],
        ["bearer"] = [TheSecret],
        ["client-credentials"] = [User, TheSecret, TokenUrl],
        ["anypoint"] = [User, TheSecret],
        ["hmac"] = [TheSecret],
    };

    public IReadOnlyList<RequestSettings> Read()
    {
        SortedSet<string> apis = new(StringComparer.Ordinal);
        foreach (string name in variables.NamesFrom(RequestSettings.Prefix))
        {
            Match match = VariableName().Match(name);
            if (match.Success)
                apis.Add(match.Groups["api"].Value);
            else
                variables.Fault(new ConfigVar(name), "is no setting of an API", $"Its name is {RequestSettings.Prefix}, the API's name in capitals, and one of {string.Join(", ", Parts.Select(part => $"_{part}"))}.");
        }

        return [.. apis.Select(ReadOne).OfType<RequestSettings>()];
    }

    private RequestSettings? ReadOne(string api)
    {
        RequestAuth? auth = ReadAuth(api);
        int concurrency = variables.Value(
            Variable(api, Concurrency), TryParseConcurrency, DefaultConcurrency, $"a number from 1 to {MostConcurrency}", $"Set how many requests may be under way at once; not set it is {DefaultConcurrency}.");
        Uri? url = ReadUrl(api, Url, TryParseBase, "https://api.example.com/v1", "an https address without user, query or fragment");
        return url is null || auth is null ? null : new RequestSettings(api, url, auth, concurrency);
    }

    private RequestAuth? ReadAuth(string api)
    {
        string[] given = [.. new[] { User, TheSecret, TokenUrl }.Where(part => variables.IsSet(Variable(api, part)))];
        string? kind = variables.Text(Variable(api, Auth))?.ToLowerInvariant();
        if (kind is null && given.Length > 0)
        {
            variables.Fault(Variable(api, Auth), $"is not set, though _{given[0]} is", $"Set {Kinds}.");
            return null;
        }

        if (!Needs.TryGetValue(kind ?? "none", out string[]? needed))
        {
            variables.Fault(Variable(api, Auth), "is no way to prove who calls", $"Set {Kinds}; not set it is none.");
            return null;
        }

        foreach (string part in given.Except(needed))
            variables.Fault(Variable(api, part), $"has no meaning with _{Auth} {kind}", "Remove it, or correct the other.");
        bool isWhole = needed.Where(part => part != TokenUrl).Aggregate(true, (whole, part) => IsUsable(api, part, kind!) && whole);
        Uri? tokens = needed.Contains(TokenUrl)
            ? ReadUrl(api, TokenUrl, TryParseAddress, "https://login.example.com/oauth2/token", "an https address without user or fragment")
            : null;
        return isWhole ? Combine(api, kind ?? "none", tokens) : null;
    }

    private RequestAuth? Combine(string api, string kind, Uri? tokens)
    {
        string user = variables.Text(Variable(api, User)) ?? "";
        Secret secret = variables.Secret(Variable(api, TheSecret)) ?? new Secret("");
        return kind switch
        {
            "basic" => new RequestAuth.Basic(user, secret),
            "bearer" => new RequestAuth.Bearer(secret),
            "client-credentials" => tokens is null ? null : new RequestAuth.ClientCredentials(user, secret, tokens),
            "anypoint" => new RequestAuth.Anypoint(user, secret),
            "hmac" => new RequestAuth.Hmac(secret),
            _ => new RequestAuth.None(),
        };
    }

    private bool IsUsable(string api, string part, string kind)
    {
        ConfigVar variable = Variable(api, part);
        string? fault = variables.Text(variable) switch
        {
            null => $"is not set, and _{Auth} {kind} needs it",
            var text when text.Any(char.IsControl) => "holds a line break or another control character",
            var text when kind is "bearer" or "anypoint" && !text.All(char.IsAscii) => "holds characters that no header can",
            var text when kind is "basic" && part == User && text.Contains(':') => "holds a colon, which ends a user's name",
            { Length: < ShortestSigningKey } when kind is "hmac" => $"has fewer than {ShortestSigningKey} characters",
            _ => null,
        };
        if (fault is not null)
            variables.Fault(variable, fault, "Set what the API's owner gave you.");
        return fault is null;
    }

    private Uri? ReadUrl(string api, string part, ConfigVarReader.Parser<Uri?> parse, string example, string wanted)
    {
        ConfigVar variable = Variable(api, part);
        string fix = $"Set one like {example}; http is taken for this machine alone.";
        if (!variables.IsSet(variable))
            variables.Fault(variable, "is not set", fix);
        return variables.Value(variable, parse, null, wanted, fix);
    }

    private static ConfigVar Variable(string api, string part) => new($"{RequestSettings.Prefix}{api}_{part}", IsSecret: part is TheSecret);

    private static bool TryParseConcurrency(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= MostConcurrency;

    private static bool TryParseBase(string text, out Uri? url) => TryParseAddress(text.TrimEnd('/'), out url) && url is { Query: "" };

    private static bool TryParseAddress(string text, out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url is { UserInfo: "", Fragment: "" };

    // As short a name as can be: what ends in TOKEN_URL ends in URL too.
    [GeneratedRegex("^BRIDGE_REQUEST_(?<api>[A-Z][A-Z0-9_]*?)_(TOKEN_URL|URL|AUTH|USER|SECRET|CONCURRENCY)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariableName();
}
