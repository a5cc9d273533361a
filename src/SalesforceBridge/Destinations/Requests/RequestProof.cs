using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.Callers;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>Puts the proof of who sends it into a request, as its API's configuration says.</summary>
internal sealed class RequestProof(RequestAuth auth, ApiToken? token, TimeProvider time)
{
    /// <summary>What MuleSoft's client id enforcement reads.</summary>
    public const string ClientIdHeader = "client_id", ClientSecretHeader = "client_secret";

    /// <summary>Whether a proof that was refused can be renewed.</summary>
    public bool IsRenewable => token is not null;

    /// <summary>Adds the proof.</summary>
    /// <returns>What tells this proof from the next one, for <see cref="Forget"/>.</returns>
    /// <exception cref="NoTokenException">There is no token to be had.</exception>
    public async Task<string> AddAsync(HttpRequestMessage request, RequestForm form, CancellationToken ct)
    {
        switch (auth)
        {
            case RequestAuth.Basic(var user, var password):
                request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password.Reveal()}")));
                break;
            case RequestAuth.Bearer(var given):
                request.Headers.Authorization = new("Bearer", given.Reveal());
                break;
            case RequestAuth.Anypoint(var id, var secret):
                request.Headers.TryAddWithoutValidation(ClientIdHeader, id);
                request.Headers.TryAddWithoutValidation(ClientSecretHeader, secret.Reveal());
                break;
            case RequestAuth.Hmac(var key):
                Sign(request, form, key.Reveal());
                break;
            case RequestAuth.ClientCredentials:
                string value = await token!.GetAsync(ct);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", value);
                return value;
        }

        return "";
    }

    /// <summary>The API refused this proof: the next request gets another one.</summary>
    public void Forget(string proof) => token?.Forget(proof);

    // As a caller of ours signs: see docs/callouts.md.
    private void Sign(HttpRequestMessage request, RequestForm form, string key)
    {
        string timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = new BodySignature(timestamp, form.Key, []);
        byte[] signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), (byte[])[.. signature.Prefix, .. (form.Body ?? default).Span]);
        request.Headers.TryAddWithoutValidation(BodySignature.TimestampHeader, timestamp);
        request.Headers.TryAddWithoutValidation(BodySignature.SignatureHeader, $"sha256={Convert.ToHexStringLower(signed)}");
    }
}
