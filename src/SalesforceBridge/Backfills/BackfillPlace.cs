namespace SalesforceBridge.Backfills;

/// <summary>
/// Where reading the records of an org goes on. Stored it reads <c>deletes after 001...</c>, <c>records after 001..., again 001... 001...</c>
/// or <c>records told, again 001...</c>: deletes come first, then the records in the order of their ids, and those that were put off are read again.
/// </summary>
internal sealed record BackfillPlace
{
    private const string DeletesWord = "deletes";
    private const string RecordsWord = "records";
    private const string ToldWord = "records told";
    private const string AfterWord = " after ";
    private const string AgainWord = ", again ";

    private BackfillPlace()
    {
    }

    /// <summary>The beginning of the deletes.</summary>
    public static BackfillPlace Deletes { get; } = new() { TellsDeletes = true };

    /// <summary>The beginning of the records.</summary>
    public static BackfillPlace Records { get; } = new();

    /// <summary>Deletes are told still.</summary>
    public bool TellsDeletes { get; private init; }

    /// <summary>The id behind which reading goes on; null at the beginning.</summary>
    public string? After { get; init; }

    /// <summary>Every record was read once.</summary>
    public bool AreRead { get; init; }

    /// <summary>The records that were put off.</summary>
    public IReadOnlyList<string> Again { get; init; } = [];

    /// <summary>A stored place; null at the beginning of a backfill.</summary>
    public static BackfillPlace? Read(string? stored)
    {
        if (stored is null)
            return null;
        string[] parts = stored.Split(AgainWord);
        string[] place = parts[0].Split(AfterWord);
        return new BackfillPlace
        {
            TellsDeletes = place[0] == DeletesWord,
            AreRead = parts[0] == ToldWord,
            After = place.Length > 1 ? place[1] : null,
            Again = parts.Length > 1 ? parts[1].Split(' ') : [],
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(
        AreRead ? ToldWord : TellsDeletes ? DeletesWord : RecordsWord,
        After is null || AreRead ? "" : AfterWord + After,
        Again.Count == 0 ? "" : AgainWord + string.Join(' ', Again));
}
