using Microsoft.AspNetCore.Http.Features;

namespace SalesforceBridge.Http;

/// <summary>
/// Bodies that are longer than they may be. A sender who is cut off while sending does not hear why, so such a body is read to its end, if
/// that is not too far.
/// </summary>
internal static class Overlength
{
    private const int Times = 3;

    /// <summary>Lets the server read on past the largest body that is taken. To be said before the first byte is read.</summary>
    public static void LetIn(HttpRequest request, long largest)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = largest * Times;
    }

    /// <summary>Reads what is left of a body that is not taken.</summary>
    /// <exception cref="BadHttpRequestException">It is far too long, or breaks off.</exception>
    public static Task PassAsync(HttpRequest request, CancellationToken ct) => request.Body.CopyToAsync(Stream.Null, ct);
}
