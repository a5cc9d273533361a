using System.Buffers;
using System.Text.Json;

namespace SalesforceBridge.Bayeux;

/// <summary>Splits a reply, an array of messages, into its messages while it arrives. Holds one message and a read's worth of bytes,
/// whatever the reply's size.</summary>
internal sealed class ReplyReader(Stream reply) : IDisposable
{
    private static readonly JsonReaderOptions Rules = new() { MaxDepth = 256 };
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
    private JsonReaderState _state = new(Rules);

    // The buffer: [_start, _end) is kept, of which [_start, _scanned) has been read as JSON.
    private int _start;
    private int _scanned;
    private int _end;
    private bool _inArray;
    private bool _inMessage;
    private bool _ended;

    /// <summary>Reads more bytes; false when the reply has ended.</summary>
    /// <exception cref="IOException">It was cut.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_ended)
            return false;
        MakeRoom();
        int read = await reply.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        _ended = read == 0;
        return true;
    }

    /// <summary>The next message that is wholly there; it is good until the next call of either method.</summary>
    /// <exception cref="JsonException">The reply is not an array of JSON values.</exception>
    public bool TryTake(out ReadOnlySpan<byte> message)
    {
        int origin = _scanned;
        var reader = new Utf8JsonReader(_buffer.AsSpan(origin, _end - origin), _ended, _state);
        bool found = false;
        while (!found && reader.Read())
            found = NoteToken(ref reader, origin);

        _state = reader.CurrentState;
        _scanned = origin + (int)reader.BytesConsumed;
        message = found ? _buffer.AsSpan(_start, _scanned - _start) : default;
        if (!_inMessage)
            _start = _scanned;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // True when the token closes a message: the messages are the objects directly inside the array.
    private bool NoteToken(ref Utf8JsonReader reader, int origin)
    {
        if (!_inArray && reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("A Bayeux reply is an array.");
        _inArray = true;
        if (reader.CurrentDepth != 1)
            return false;
        if (reader.TokenType == JsonTokenType.StartObject)
            (_inMessage, _start) = (true, origin + (int)reader.TokenStartIndex);
        if (reader.TokenType != JsonTokenType.EndObject)
            return false;
        _inMessage = false;
        return true;
    }

    private void MakeRoom()
    {
        int kept = _end - _start;
        byte[] target = _buffer;
        if (kept > _buffer.Length / 2)
            target = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, kept).CopyTo(target);
        if (target != _buffer)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _scanned, _end, _start) = (target, _scanned - _start, kept, 0);
    }
}
