namespace SalesforceBridge.Http.Callouts;

/// <summary>A record of a callout, as it was sent.</summary>
/// <param name="Operation">What a trigger did: insert, update or delete; null where nobody says.</param>
/// <param name="Record">The record; of a deleted one what it was.</param>
/// <param name="Old">What it was before, where a trigger says.</param>
internal sealed record CalloutRecord(string? Operation, ReadOnlyMemory<byte> Record, ReadOnlyMemory<byte>? Old)
{
    /// <summary>Its Id, which keeps its messages in order.</summary>
    public string? Id => IdOf(Record);

    public static CalloutRecord Alone(ReadOnlyMemory<byte> record) => new(null, record, null);

    /// <summary>Puts together what a trigger had before and after. Lists of the same length are in the same order; where Ids say otherwise they count.</summary>
    public static IReadOnlyList<CalloutRecord> Pair(List<ReadOnlyMemory<byte>> now, List<ReadOnlyMemory<byte>> before)
    {
        if (before.Count == 0)
            return [.. now.Select(Inserted)];
        if (now.Count == 0)
            return [.. before.Select(Deleted)];
        return PairById(now, before);
    }

    private static CalloutRecord Inserted(ReadOnlyMemory<byte> record) => new("insert", record, null);

    private static CalloutRecord Deleted(ReadOnlyMemory<byte> old) => new("delete", old, old);

    private static List<CalloutRecord> PairById(List<ReadOnlyMemory<byte>> now, List<ReadOnlyMemory<byte>> before)
    {
        Dictionary<string, int> places = [];
        for (int n = 0; n < before.Count; n++)
            places.TryAdd(IdOf(before[n]) ?? $"#{n}", n);
        HashSet<int> paired = [];
        List<CalloutRecord> records = [];
        for (int n = 0; n < now.Count; n++)
        {
            bool isKnown = places.TryGetValue(IdOf(now[n]) ?? $"#{n}", out int place);
            records.Add(isKnown && paired.Add(place) ? new CalloutRecord("update", now[n], before[place]) : Inserted(now[n]));
        }

        records.AddRange(before.Where((_, n) => !paired.Contains(n)).Select(Deleted));
        return records;
    }

    private static string? IdOf(ReadOnlyMemory<byte> record) =>
        JsonSlices.Members(record).LastOrDefault(member => member.Name == "Id")?.Text() is { Length: > 0 and <= 255 } id ? id : null;
}
