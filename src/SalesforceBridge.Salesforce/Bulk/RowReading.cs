using System.Net;
using System.Runtime.CompilerServices;
using CsvHelper;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>
/// Reads the rows of one answer, and asks for it again when it breaks off in the middle: rows that were given are not given again.
/// </summary>
internal sealed class RowReading(Exchange exchange, SalesforceRequest request, BulkFormat format, SalesforceClientSettings settings, TimeProvider time) : IDisposable
{
    private const string CountHeader = "Sforce-NumberOfRecords";

    /// <summary>The answer that is being read.</summary>
    private Answer? _answer;

    // What was given so far, so that an answer in another order is not taken for the same.
    private long _given;
    private int _fingerprint;

    /// <summary>The answer's headers; known once it was opened.</summary>
    public IReadOnlyDictionary<string, string> Headers => _answer?.Reply.Headers ?? throw new InvalidOperationException("Nothing was opened yet.");

    /// <summary>Whether there is anything: a job that is not complete is answered with 204.</summary>
    public bool HasContent => _answer?.Reply.Status is not (null or HttpStatusCode.NoContent);

    /// <exception cref="SalesforceException">The org refused, or could not be reached.</exception>
    public async Task OpenAsync(CancellationToken ct) => _answer = new Answer(await exchange.OpenAsync(request, ct), format);

    /// <summary>The rows, one after the other; once.</summary>
    /// <exception cref="SalesforceException">The answer broke off for good, or is no CSV.</exception>
    public async IAsyncEnumerable<BulkRow> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (await NextAsync(ct) is { } row)
            yield return row;
    }

    /// <summary>The error of an answer that is not what such a call is answered with.</summary>
    public SalesforceException Unusable(Exception? fault = null) => CallFailure.Unusable(request, _answer?.Reply.Status ?? HttpStatusCode.OK, fault);

    public void Dispose() => _answer?.Dispose();

    private async ValueTask<BulkRow?> NextAsync(CancellationToken ct)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                if (_answer is null)
                    await ReopenAsync(ct);
                return await ReadOneAsync(ct);
            }
            catch (SalesforceException failure) when (failure.Class.Remedy is Remedy.Retry && tries <= settings.Retries)
            {
                _answer?.Dispose();
                _answer = null;
            }

            await Task.Delay(settings.PauseBefore(tries), time, ct);
        }
    }

    private async Task ReopenAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        (long given, int fingerprint) = (_given, _fingerprint);
        (_given, _fingerprint) = (0, 0);
        try
        {
            while (_given < given)
            {
                if (await ReadOneAsync(ct) is null)
                    break;
            }

            if (_fingerprint != fingerprint)
                throw OtherRows();
        }
        finally
        {
            (_given, _fingerprint) = (given, fingerprint);
        }
    }

    private async ValueTask<BulkRow?> ReadOneAsync(CancellationToken ct)
    {
        try
        {
            BulkRow? row = await _answer!.Rows.ReadAsync(ct);
            if (row is not null)
                Note(_answer.Rows.Raw);
            else if (_answer.Reply.Headers.TryGetValue(CountHeader, out string? count) && long.TryParse(count, out long told) && told != _given)
                throw Unusable();
            return row;
        }
        catch (CsvFormatException fault)
        {
            throw Unusable(fault);
        }
    }

    private void Note(ReadOnlySpan<byte> row)
    {
        var hash = new HashCode();
        hash.Add(_fingerprint);
        hash.AddBytes(row);
        _fingerprint = hash.ToHashCode();
        _given++;
    }

    private SalesforceException OtherRows()
    {
        SalesforceError[] errors = [new(OwnCodes.UnusableReply,
            "the answer broke off, and came in another order when it was asked for again; read it from its beginning", [], HttpStatusCode.OK)];
        return new SalesforceException(request.What, errors, new ErrorClass(new Remedy.GiveUp(), Blame.Org));
    }

    private sealed class Answer(StreamedReply reply, BulkFormat format) : IDisposable
    {
        public StreamedReply Reply { get; } = reply;

        public CsvRowReader Rows { get; } = new(reply.Body, format);

        public void Dispose()
        {
            Rows.Dispose();
            Reply.Dispose();
        }
    }
}
