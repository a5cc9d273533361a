namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Paths from the org's host on.</summary>
internal static class HostPath
{
    /// <summary>
    /// Whether it leads to where it reads: on this host, without steps of dots, which would be taken away, a backslash, which would become a
    /// slash, and a fragment, which would not be sent.
    /// </summary>
    public static bool IsPlain(string path) =>
        path is ['/', not '/', ..] && !path.Contains('#') && path.Split('?')[0] is { } steps && !steps.Contains('\\') && !steps.Split('/').Any(IsDots);

    // Encoded dots are dots.
    private static bool IsDots(string step) => step.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..";
}
