namespace SalesforceBridge.Simulator.Identity;

/// <summary>The token of a request. <c>OAuth</c> is accepted where others say <c>Bearer</c>.</summary>
internal static class Bearer
{
    public static string? Read(HttpRequest request)
    {
        string[] parts = request.Headers.Authorization.ToString().Split(' ', 2);
        bool known = parts[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase) || parts[0].Equals("OAuth", StringComparison.OrdinalIgnoreCase);
        return known && parts.Length == 2 ? parts[1].Trim() : null;
    }
}
