using System.Text;
using System.Text.Json;
using SalesforceBridge.Bayeux;

namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>Finds what the bridge needs of an event, in one pass over its bytes. Whatever is missing or of another type is left out:
/// an event
/// that this does not understand is still an event.</summary>
internal ref struct StreamedEventReader
{
    private readonly BayeuxData _source;
    private Utf8JsonReader _json;
    private ReadOnlyMemory<byte>? _payload;
    private ReadOnlyMemory<byte>? _sobject;
    private ReplayId? _replayId;
    private string? _eventUuid;
    private string? _createdDate;
    private ChangeHeader? _change;

    private StreamedEventReader(BayeuxData source)
    {
        _source = source;
        _json = new Utf8JsonReader(source.Data.Span, new JsonReaderOptions { MaxDepth = 256 });
    }

    /// <summary>Reads the data of one message.</summary>
    public static StreamedEvent Read(BayeuxData source)
    {
        var reader = new StreamedEventReader(source);
        if (!source.Data.IsEmpty)
            reader.ReadData();
        ReadOnlyMemory<byte> payload = reader._payload ?? reader._sobject ?? default;
        return new(source.Channel, reader._replayId, source.Data, payload, reader._eventUuid, reader._createdDate, reader._change);
    }

    private void ReadData()
    {
        if (!EnterObject())
            return;
        while (NextMember())
        {
            if (_json.ValueTextEquals("payload"u8))
                _payload = ReadPayload();
            else if (_json.ValueTextEquals("sobject"u8))
                _sobject = ReadSlice();
            else if (_json.ValueTextEquals("event"u8))
                ReadEvent();
            else
                Pass();
        }
    }

    private ReadOnlyMemory<byte> ReadPayload()
    {
        Utf8JsonReader start = _json;
        start.Read();
        if (EnterObject())
        {
            while (NextMember())
            {
                if (_json.ValueTextEquals("ChangeEventHeader"u8))
                    ReadChangeHeader();
                else if (_json.ValueTextEquals("CreatedDate"u8))
                    _createdDate ??= ReadText();
                else
                    Pass();
            }
        }

        return _source.Data[(int)start.TokenStartIndex..(int)_json.BytesConsumed];
    }

    private void ReadEvent()
    {
        if (!EnterObject())
            return;
        while (NextMember())
        {
            if (_json.ValueTextEquals("replayId"u8))
                _replayId = ReadReplayId();
            else if (_json.ValueTextEquals("EventUuid"u8))
                _eventUuid = ReadText();
            else if (_json.ValueTextEquals("createdDate"u8))
                _createdDate = ReadText() ?? _createdDate;
            else
                Pass();
        }
    }

    private void ReadChangeHeader()
    {
        string? transactionKey = null, entityName = null, changeType = null, firstRecordId = null, changeOrigin = null;
        long? sequenceNumber = null, commitTimestamp = null;
        if (!EnterObject())
            return;
        while (NextMember())
        {
            if (_json.ValueTextEquals("transactionKey"u8))
                transactionKey = ReadText();
            else if (_json.ValueTextEquals("sequenceNumber"u8))
                sequenceNumber = ReadNumber();
            else if (_json.ValueTextEquals("entityName"u8))
                entityName = ReadText();
            else if (_json.ValueTextEquals("changeType"u8))
                changeType = ReadText();
            else if (_json.ValueTextEquals("changeOrigin"u8))
                changeOrigin = ReadText();
            else if (_json.ValueTextEquals("recordIds"u8))
                firstRecordId = ReadFirstText();
            else if (_json.ValueTextEquals("commitTimestamp"u8))
                commitTimestamp = ReadNumber();
            else
                Pass();
        }

        _change = new(transactionKey, sequenceNumber, entityName, changeType, firstRecordId, commitTimestamp) { ChangeOrigin = changeOrigin };
    }

    // Each of these reads one value, whatever it is, and leaves the reader at its last token.
    private bool EnterObject()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.StartObject)
            return true;
        _json.Skip();
        return false;
    }

    private bool NextMember() => _json.Read() && _json.TokenType == JsonTokenType.PropertyName;

    private void Pass()
    {
        _json.Read();
        _json.Skip();
    }

    private ReadOnlyMemory<byte> ReadSlice()
    {
        _json.Read();
        int from = (int)_json.TokenStartIndex;
        _json.Skip();
        return _source.Data[from..(int)_json.BytesConsumed];
    }

    private ReplayId? ReadReplayId()
    {
        ReadOnlyMemory<byte> token = ReadSlice();
        return _json.TokenType is JsonTokenType.Number or JsonTokenType.String ? new ReplayId(Encoding.UTF8.GetString(token.Span)) : null;
    }

    private string? ReadText()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.String)
            return Text();
        _json.Skip();
        return null;
    }

    private long? ReadNumber()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.Number)
            return _json.TryGetInt64(out long number) ? number : null;
        _json.Skip();
        return null;
    }

    private string? ReadFirstText()
    {
        Utf8JsonReader start = _json;
        start.Read();
        Pass();
        if (start.TokenType != JsonTokenType.StartArray)
            return null;
        Utf8JsonReader end = _json;
        _json = start;
        string? first = ReadText();
        _json = end;
        return first;
    }

    private readonly string? Text()
    {
        try
        {
            return _json.GetString();
        }
        catch (InvalidOperationException)
        {
            // Not UTF-8, or half a surrogate pair: no id that could be matched.
            return null;
        }
    }
}
