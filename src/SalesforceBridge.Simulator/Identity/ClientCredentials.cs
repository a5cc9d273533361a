using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Identity;

/// <summary>A form with the connected app that sent it, named in the form itself or in a Basic header.</summary>
internal sealed record ClientCredentials(IFormCollection Form, string? ConsumerKey, string? Secret)
{
    public static async Task<ClientCredentials> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        IFormCollection form = await request.ReadFormAsync(ct);
        if (request.Headers.Authorization.ToString() is ['B' or 'b', 'a', 's', 'i', 'c', ' ', .. string encoded])
        {
            byte[] decoded = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, decoded, out int length))
                throw new OAuthException("invalid_client", "invalid client credentials", StatusCodes.Status401Unauthorized);
            string[] pair = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
            return new ClientCredentials(form, Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[^1]));
        }
        return new ClientCredentials(form, form["client_id"], form["client_secret"].ToString() is { Length: > 0 } secret ? secret : null);
    }

    /// <summary>The app of that key.</summary>
    /// <exception cref="OAuthException">There is none.</exception>
    public ConnectedApp Identify(OrgSchema schema) =>
        schema.Apps.FirstOrDefault(app => app.ConsumerKey == ConsumerKey)
        ?? throw new OAuthException("invalid_client_id", "client identifier invalid");

    /// <summary>The app of that key, whose secret was sent too.</summary>
    /// <exception cref="OAuthException">There is none, or the secret is another one.</exception>
    public ConnectedApp Authenticate(OrgSchema schema)
    {
        ConnectedApp app = Identify(schema);
        bool same = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(app.ConsumerSecret), Encoding.UTF8.GetBytes(Secret ?? ""));
        return same ? app : throw new OAuthException("invalid_client", "invalid client credentials", StatusCodes.Status401Unauthorized);
    }
}
