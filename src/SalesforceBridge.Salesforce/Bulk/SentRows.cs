using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>
/// The rows of one job, remembered by what they are recognized by, so that the job's results, which come in no order, find the rows they are
/// for: by <c>Id</c> for updates and deletes, by external id for upserts, by their content for inserts, where equal rows are
/// interchangeable. Another process than the one that sent the job can fill it, from the same records. It keeps hashes and tags, about 100
/// bytes a row, and serves for one reading of the results. Not for several threads.
/// </summary>
/// <typeparam name="TTag">The sender's name for a row, such as the id of a delivery.</typeparam>
public sealed class SentRows<TTag>
{
    private const int None = -1;

    private readonly string? _keyColumn;
    private readonly bool _isKeyAnId;
    private readonly Dictionary<UInt128, int> _first = [];
    private readonly List<Entry> _entries = [];
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <param name="operation">What the job does.</param>
    /// <param name="externalIdField">The external id's field, for an upsert; else null.</param>
    /// <exception cref="ArgumentException">An upsert names no field.</exception>
    public SentRows(BulkOperation operation, string? externalIdField)
    {
        _keyColumn = operation switch
        {
            BulkOperation.Insert => null,
            BulkOperation.Upsert => string.IsNullOrEmpty(externalIdField)
                ? throw new ArgumentException("An upsert needs the name of an external id field.", nameof(externalIdField))
                : externalIdField,
            _ => "Id",
        };
        _isKeyAnId = string.Equals(_keyColumn, "Id", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How many rows were sent.</summary>
    public int Count => _entries.Count;

    /// <summary>The rows of which no result was told yet, in the order they were added.</summary>
    public IEnumerable<TTag> Waiting => _entries.Where(entry => !entry.IsTold).Select(entry => entry.Tag);

    /// <summary>Adds a row that was sent, or is about to be.</summary>
    /// <param name="tag">The sender's name for it.</param>
    /// <param name="row">The row. Empty places and the order of columns do not matter.</param>
    public void Add(TTag tag, BulkRow row)
    {
        UInt128 content = ContentOf(row);
        UInt128 key = KeyOf(row) ?? content;
        _entries.Add(new Entry(tag, content, _first.GetValueOrDefault(key, None)));
        _first[key] = _entries.Count - 1;
    }

    /// <summary>Finds the row that a result is for; each is found once.</summary>
    /// <param name="row">The row of the result.</param>
    /// <param name="tag">The sender's name for it.</param>
    /// <returns>Whether a row waits for such a result.</returns>
    public bool TryTake(BulkRow row, out TTag? tag)
    {
        UInt128 content = ContentOf(row);
        UInt128 key = KeyOf(row) ?? content;
        if (!_first.TryGetValue(key, out int first))
        {
            tag = default;
            return false;
        }

        int found = Take(key, first, content);
        _entries[found] = _entries[found] with { IsTold = true };
        tag = _entries[found].Tag;
        return true;
    }

    // Of several rows with one key the one with the same content, which an org may have written in its own way: else any.
    private int Take(UInt128 key, int first, UInt128 content)
    {
        int before = None;
        int found = first;
        while (found != None && _entries[found].Content != content)
            (before, found) = (found, _entries[found].Next);
        if (found == None)
            (before, found) = (None, first);
        int next = _entries[found].Next;
        if (before != None)
            _entries[before] = _entries[before] with { Next = next };
        else if (next != None)
            _first[key] = next;
        else
            _first.Remove(key);
        return found;
    }

    private UInt128? KeyOf(BulkRow row)
    {
        if (_keyColumn is null || row[_keyColumn] is not { } key)
            return null;
        // 18 characters, or the first 15 of them.
        string text = _isKeyAnId && key.Length == 18 ? key[..15] : key;
        _text.ResetWrittenCount();
        Encoding.UTF8.GetBytes(text, _text);
        return Hash();
    }

    private UInt128 ContentOf(BulkRow row)
    {
        _text.ResetWrittenCount();
        foreach (int place in row.Columns.ByName)
        {
            string column = row.Columns.Names[place];
            if (row.Cells[place] is not { Length: > 0 } cell || column.StartsWith("sf__", StringComparison.OrdinalIgnoreCase))
                continue;
            Append(column.ToUpperInvariant());
            Append(cell);
        }

        return Hash();
    }

    // With its length before it, so that no two rows run into one text.
    private void Append(string text)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_text.GetSpan(sizeof(int)), text.Length);
        _text.Advance(sizeof(int));
        Encoding.UTF8.GetBytes(text, _text);
    }

    private UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_text.WrittenSpan, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private readonly record struct Entry(TTag Tag, UInt128 Content, int Next, bool IsTold = false);
}
