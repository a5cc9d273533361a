using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>Why a record cannot go by Bulk; by REST it can.</summary>
/// <param name="Column">Where; empty when it is about the whole record.</param>
/// <param name="Why">What is there.</param>
public sealed record BulkRefusal(string Column, BulkUnfit Why);

/// <summary>What CSV cannot say.</summary>
public enum BulkUnfit
{
    /// <summary>An empty text: an empty place in CSV leaves the field as it is.</summary>
    EmptyText,

    /// <summary>The text <c>#N/A</c>, which clears the field.</summary>
    NullMarker,

    /// <summary>A blob.</summary>
    Blob,

    /// <summary>A list, or a related record that is not named by exactly one external id.</summary>
    Nested,

    /// <summary>The same field twice.</summary>
    Twice,

    /// <summary>A null byte, or half of a surrogate pair.</summary>
    NotText,

    /// <summary>More characters than Bulk takes: 131,072 in a field, 400,000 in a record (Bulk API limits).</summary>
    TooLong,

    /// <summary>A record without any field, or one that is no JSON object.</summary>
    NotARecord,
}

/// <summary>A record in the form in which Bulk takes it: texts by column.</summary>
public sealed class BulkRecord
{
    private const int LongestCell = 131_072;
    private const int LongestRecord = 400_000;

    private readonly List<KeyValuePair<string, string>> _cells = [];

    private BulkRecord()
    {
    }

    /// <summary>The columns that it has something to say in, with the texts as CSV has them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Cells => _cells;

    /// <summary>The record as a row of a table.</summary>
    /// <param name="columns">The table's columns; those of the record are among them.</param>
    public BulkRow In(BulkColumns columns)
    {
        string?[] cells = new string?[columns.Names.Count];
        foreach ((string column, string value) in _cells)
            cells[columns.IndexOf(column)] = value;
        return new BulkRow(columns, cells);
    }

    /// <summary>Reads a record, unless CSV cannot say what it says. The same record reads the same in every process.</summary>
    /// <param name="record">
    /// Its fields. A null clears its field; <c>{"Account__r":{"Ext__c":"A1"}}</c> becomes the column <c>Account__r.Ext__c</c>; a member
    /// <c>attributes</c> is left out.
    /// </param>
    /// <param name="blobFields">The object's fields of type <c>base64</c>, without regard to case; null if it has none.</param>
    /// <param name="read">The record.</param>
    /// <param name="refusal">Why not.</param>
    public static bool TryRead(
        RecordJson record, IReadOnlySet<string>? blobFields, [NotNullWhen(true)] out BulkRecord? read, [NotNullWhen(false)] out BulkRefusal? refusal)
    {
        var reading = new BulkRecord();
        try
        {
            refusal = reading.ReadMembers(record.Utf8.Span, prefix: "", blobFields);
        }
        catch (JsonException)
        {
            refusal = new BulkRefusal("", BulkUnfit.NotARecord);
        }

        refusal ??= reading.Unfitness();
        read = refusal is null ? reading : null;
        return refusal is null;
    }

    private BulkRefusal? ReadMembers(ReadOnlySpan<byte> json, string prefix, IReadOnlySet<string>? blobFields)
    {
        foreach (JsonMember member in new JsonMembers(json))
        {
            if (member.Is("attributes"u8))
                continue;
            string name = prefix + Encoding.UTF8.GetString(member.Name[1..^1]);
            BulkRefusal? refusal = prefix.Length == 0 && blobFields?.Contains(name) is true && !member.Value.SequenceEqual("null"u8)
                ? new BulkRefusal(name, BulkUnfit.Blob)
                : ReadMember(name, member, isRelated: prefix.Length > 0);
            if (refusal is not null)
                return refusal;
        }

        return null;
    }

    private BulkRefusal? ReadMember(string name, JsonMember member, bool isRelated)
    {
        switch (member.Value[0])
        {
            case (byte)'{':
                int before = _cells.Count;
                BulkRefusal? refusal = isRelated ? new BulkRefusal(name, BulkUnfit.Nested) : ReadMembers(member.Value, name + ".", null);
                return refusal ?? (_cells.Count == before + 1 ? null : new BulkRefusal(name, BulkUnfit.Nested));
            case (byte)'[':
                return new BulkRefusal(name, BulkUnfit.Nested);
            case (byte)'n' when name.EndsWith("__r", StringComparison.OrdinalIgnoreCase):
                // Which column to clear, only the org knows.
                return new BulkRefusal(name, BulkUnfit.Nested);
            case (byte)'n':
                _cells.Add(new(name, BulkRow.Null));
                return null;
            case (byte)'t' or (byte)'f':
                _cells.Add(new(name, Encoding.ASCII.GetString(member.Value)));
                return null;
        }

        BulkUnfit? unfit = member.Text switch
        {
            null => BulkUnfit.NotText,
            "" => BulkUnfit.EmptyText,
            BulkRow.Null => BulkUnfit.NullMarker,
            { Length: > LongestCell } => BulkUnfit.TooLong,
            var text when text.Contains('\0') => BulkUnfit.NotText,
            _ => null,
        };
        if (unfit is null)
            _cells.Add(new(name, member.Text!));
        return unfit is { } why ? new BulkRefusal(name, why) : null;
    }

    private BulkRefusal? Unfitness()
    {
        if (_cells.Count == 0)
            return new BulkRefusal("", BulkUnfit.NotARecord);
        if (_cells.Sum(cell => cell.Value.Length) > LongestRecord)
            return new BulkRefusal("", BulkUnfit.TooLong);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return _cells.Find(cell => !seen.Add(cell.Key)) is { Key: { } twice } ? new BulkRefusal(twice, BulkUnfit.Twice) : null;
    }
}
