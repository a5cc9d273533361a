using System.Globalization;

namespace SalesforceBridge.Sources.Soql;

/// <summary>
/// How far a source is told. Stored it reads <c>2026-11-23T08:00:00Z after 001..., deletes 2026-11-23T08:00:00Z, polled ...</c>: what
/// changed before that time is in the inbox, of that time itself the records up to that id, and what was deleted by the second time.
/// </summary>
internal sealed record SoqlPosition
{
    private const string Beginning = "beginning";

    /// <summary>A source that nobody polled yet.</summary>
    public static SoqlPosition None { get; } = new();

    /// <summary>A source that tells what changes from a moment on.</summary>
    public static SoqlPosition From(DateTimeOffset moment) => new() { Place = new SoqlPlace(moment, null) };

    /// <summary>The place behind the last row that is told; null where none is.</summary>
    public SoqlPlace? Place { get; init; }

    /// <summary>Up to when deletes are told; null while nobody asked for them.</summary>
    public DateTimeOffset? Deletes { get; init; }

    /// <summary>Every row is being told again, since deletes before this moment are not known; null for what is usual.</summary>
    public DateTimeOffset? Again { get; init; }

    /// <summary>When the last poll that came to its end began, by the worker's clock.</summary>
    public DateTimeOffset? Polled { get; init; }

    /// <summary>A stored position.</summary>
    /// <exception cref="FormatException">It is none; the message says what to do.</exception>
    public static SoqlPosition Read(string? stored)
    {
        if (stored is null)
            return None;
        try
        {
            string[] parts = stored.Split(", ");
            return new SoqlPosition
            {
                Place = PlaceOf(parts[0]),
                Deletes = MomentIn(parts, "deletes "),
                Again = MomentIn(parts, "again "),
                Polled = MomentIn(parts, "polled "),
            };
        }
        catch (FormatException error)
        {
            throw new FormatException($"the position `{stored}` is none of a query; set the cursor's position to null, and the source begins as a new one", error);
        }
    }

    /// <summary>A moment as positions, dedupe keys and queries have it.</summary>
    public static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", new[]
    {
        Place is { } place ? Text(place.Modstamp) + (place.Id is { } id ? $" after {id}" : "") : Beginning,
        Named("deletes", Deletes), Named("again", Again), Named("polled", Polled),
    }.OfType<string>());

    private static string? Named(string name, DateTimeOffset? moment) => moment is { } known ? $"{name} {Text(known)}" : null;

    private static SoqlPlace? PlaceOf(string text) => text.Split(" after ") switch
    {
        [Beginning] => null,
        [var modstamp] => new SoqlPlace(MomentOf(modstamp), null),
        [var modstamp, var id] => new SoqlPlace(MomentOf(modstamp), id),
        _ => throw new FormatException(),
    };

    private static DateTimeOffset? MomentIn(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name, StringComparison.Ordinal)) is { } part ? MomentOf(part[name.Length..]) : null;

    private static DateTimeOffset MomentOf(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
