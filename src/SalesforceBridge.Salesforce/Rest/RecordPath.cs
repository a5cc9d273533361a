using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Paths of objects and records; what comes from outside is percent-encoded, slashes too.</summary>
internal static class RecordPath
{
    private const int LongestKey = 1_000;
    private static readonly SearchValues<char> AsciiLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <exception cref="ArgumentException">The name is empty, or made of dots.</exception>
    public static string Object(string sObject) => $"sobjects/{Segment(sObject)}";

    /// <exception cref="ArgumentException">The name or the id is empty, or made of dots.</exception>
    public static string Record(string sObject, string id) => $"{Object(sObject)}/{Segment(id)}";

    /// <exception cref="ArgumentException">The name, the field or the value is empty, or made of dots.</exception>
    public static string Record(string sObject, string externalIdField, string value) =>
        $"{Object(sObject)}/{Segment(externalIdField)}/{Segment(value)}";

    /// <summary>
    /// Whether an id can be part of a path. Salesforce's edge answers 404 for values that look like a file or domain name
    /// (<c>Acme.inc</c>), and dots alone are steps in a path: those go in a collection's body.
    /// </summary>
    public static bool CanHold([NotNullWhen(true)] string? key) =>
        !string.IsNullOrEmpty(key) && key.Length <= LongestKey && key is not "." and not ".." && !EndsLikeAName(key);

    /// <summary>A step of a path. None at all, and dots alone, would lead to another resource.</summary>
    /// <exception cref="ArgumentException">It is empty, or made of dots.</exception>
    public static string Segment(string key) => key is not "" and not "." and not ".."
        ? Uri.EscapeDataString(key)
        : throw new ArgumentException($"'{key}' cannot be part of a path; a collection takes it in its body.", nameof(key));

    private static bool EndsLikeAName(string key)
    {
        int dot = key.LastIndexOf('.');
        return dot >= 0 && dot < key.Length - 2 && key.AsSpan(dot + 1).IndexOfAnyExcept(AsciiLetters) < 0;
    }
}
