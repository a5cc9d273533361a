namespace SalesforceBridge.Destinations.Requests;

/// <summary>
/// Where a request goes: a path and query below an API's base address. Data of a message may stand in it, so whatever could lead out of
/// there is refused, also where it is encoded, however often.
/// </summary>
internal static class RequestAddress
{
    private const int LongestText = 8000;
    private const int MostUnpackings = 5;

    /// <summary>The address.</summary>
    /// <param name="below">The base.</param>
    /// <param name="text">The <c>_url</c> column; null or empty is the base itself.</param>
    /// <exception cref="FormatException">It is no path and query below the base; the message tells why, and nothing of the text.</exception>
    public static Uri Of(Uri below, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return below;
        Check(text);
        string whole = $"{below.AbsoluteUri.TrimEnd('/')}{(text[0] is '/' or '?' ? "" : "/")}{text}";
        string basePath = below.AbsolutePath.TrimEnd('/');
        bool isBelow = Uri.TryCreate(whole, UriKind.Absolute, out Uri? address)
            && (address.Scheme, address.Authority) == (below.Scheme, below.Authority) && address.UserInfo.Length == 0
            && (address.AbsolutePath == basePath || address.AbsolutePath.StartsWith($"{basePath}/", StringComparison.Ordinal));
        return isBelow ? address! : throw new FormatException("`_url` does not lead below the API's address");
    }

    private static void Check(string text)
    {
        int query = text.IndexOf('?');
        string path = query < 0 ? text : text[..query];
        int colon = path.IndexOf(':'), slash = path.IndexOf('/');
        string? fault = text switch
        {
            { Length: > LongestText } => $"is longer than {LongestText} characters",
            _ when text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || char.IsWhiteSpace(letter)) => "holds a blank or another character that no address has; encode it",
            _ when text.Contains('#') => "holds a `#`; encode it as %23",
            _ when text.Contains('\\') => "holds a backslash",
            _ when colon >= 0 && (slash < 0 || colon < slash) => "begins like an absolute address; begin it with a slash",
            _ when path.Contains("//") => "holds `//`",
            _ => FaultInSegments(path),
        };
        if (fault is not null)
            throw new FormatException($"`_url` {fault}");
    }

    // Some servers decode twice, and take `..;x` for `..`; so it is looked at after each unpacking.
    private static string? FaultInSegments(string path)
    {
        for (int times = 0; times < MostUnpackings; times++)
        {
            if (path.Contains('\\'))
                return "holds an encoded backslash";
            if (path.Any(char.IsControl))
                return "holds an encoded control character";
            if (path.Split('/').Any(segment => segment.Split(';')[0] is "." or ".."))
                return "holds a segment `.` or `..`";
            string unpacked = Uri.UnescapeDataString(path);
            if (unpacked == path)
                return null;
            path = unpacked;
        }

        return "is encoded again and again";
    }
}
