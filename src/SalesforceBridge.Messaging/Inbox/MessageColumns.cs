using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>Messages as the columns of the inbox, an array each, for one statement that stores them all.</summary>
internal sealed class MessageColumns(int count)
{
    /// <summary>The columns in the order of the parameters.</summary>
    public const string Names = "source, key, dedupe_key, payload, raw, fault, origin, hops, occurred_at, traceparent";

    // An index entry has a bounded length, so a longer key counts by its hash.
    private const int LongestDedupeKey = 500;

    private readonly string[] _sources = new string[count];
    private readonly string?[] _keys = new string?[count];
    private readonly string?[] _dedupeKeys = new string?[count];
    private readonly ReadOnlyMemory<byte>?[] _payloads = new ReadOnlyMemory<byte>?[count];
    private readonly ReadOnlyMemory<byte>?[] _raws = new ReadOnlyMemory<byte>?[count];
    private readonly string?[] _faults = new string?[count];
    private readonly string?[] _origins = new string?[count];
    private readonly short[] _hops = new short[count];
    private readonly DateTimeOffset?[] _occurred = new DateTimeOffset?[count];
    private readonly string?[] _traces = new string?[count];
    private int _count;

    /// <summary>Whether no message has more than the columns of <see cref="FewParameters"/>.</summary>
    public bool AreFew { get; private set; } = true;

    /// <summary>The next message; what its source or jsonb finds wrong with it is its fault, and then it is kept raw.</summary>
    public void Add(NewMessage message, string? dedupeKey, string? fault)
    {
        int n = _count++;
        (_sources[n], _keys[n], _dedupeKeys[n], _origins[n], _traces[n]) =
            (message.Source, Sql.Storable(message.Key), dedupeKey, message.Origin, message.TraceParent);
        _hops[n] = (short)Math.Clamp(message.Hops, 0, short.MaxValue);
        _occurred[n] = message.OccurredAt?.ToUniversalTime();
        _faults[n] = Sql.Storable(fault);
        if (fault is null)
            _payloads[n] = message.Payload;
        else
            _raws[n] = message.Payload;
        AreFew &= HasFew(message, fault);
    }

    /// <summary>Whether a message has no more than the columns of <see cref="FewParameters"/>.</summary>
    public static bool HasFew(NewMessage message, string? fault) => fault is null && message is { Origin: null, Hops: 0, TraceParent: null };

    /// <summary>Parameters for key, dedupe key, payload and time: all that most messages have.</summary>
    public NpgsqlParameter[] FewParameters() =>
    [
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _keys),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _dedupeKeys),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, _payloads),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, _occurred),
    ];

    /// <summary>A parameter for each column.</summary>
    public NpgsqlParameter[] Parameters() =>
    [
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _sources),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _keys),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _dedupeKeys),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, _payloads),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Bytea, _raws),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _faults),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _origins),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Smallint, _hops),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, _occurred),
        Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, _traces),
    ];

    /// <summary>Why a message cannot be read by routes; null when it can.</summary>
    public static string? FaultOf(NewMessage message) => message.Fault ?? JsonFault.Find(message.Payload.Span);

    /// <summary>A dedupe key as it is stored.</summary>
    public static string? Stored(string? dedupeKey) =>
        Sql.Storable(dedupeKey) is { Length: > LongestDedupeKey } key
            ? $"sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}"
            : Sql.Storable(dedupeKey);
}
