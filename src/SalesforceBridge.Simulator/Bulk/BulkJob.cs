using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>How far a job is.</summary>
internal enum JobState
{
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

/// <summary>What a client asked for.</summary>
internal sealed record JobOrder
{
    /// <summary><c>insert</c>, ..., <c>query</c>, <c>queryAll</c>.</summary>
    public required string Operation { get; init; }

    public required ObjectType Type { get; init; }

    /// <summary>By which an upsert finds records.</summary>
    public Field? Key { get; init; }

    public SoqlQuery? Query { get; init; }

    public required CsvForm Form { get; init; }

    /// <summary>Who asked, and what its changes tell as their origin.</summary>
    public required Actor Actor { get; init; }

    /// <summary>Of the API: 62.</summary>
    public required int Version { get; init; }
}

/// <summary>A job of Bulk API 2.0. Its own lock guards what changes.</summary>
internal sealed class BulkJob(string id, JobOrder order, DateTimeOffset createdAt, JobState state) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _aborted = new();
    private JobState _state = state;
    private FileStream? _content;

    public string Id { get; } = id;

    public JobOrder Order { get; } = order;

    public bool IsQuery => Order.Query is not null;

    public JobState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    public bool IsOver => State is JobState.JobComplete or JobState.Failed or JobState.Aborted;

    /// <summary>The rows that succeeded, or that a query found.</summary>
    public RowFile Successes { get; } = new();

    public RowFile Failures { get; } = new();

    public RowFile Unprocessed { get; } = new();

    /// <summary>The header of what was sent, or of what a query found.</summary>
    public IReadOnlyList<string> Columns { get; set; } = [];

    public int Processed { get; set; }

    public int Retries { get; set; }

    public string? ErrorMessage { get; set; }

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public DateTimeOffset ChangedAt { get; private set; } = createdAt;

    /// <summary>Ends what the job is doing.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Moves the job on, if it is in one of the states that lead there.</summary>
    public bool TryMove(JobState to, DateTimeOffset now, params ReadOnlySpan<JobState> from)
    {
        lock (_gate)
        {
            if (!from.Contains(_state))
                return false;
            _state = to;
            ChangedAt = now;
        }
        if (to is JobState.Aborted)
            _aborted.Cancel();
        return true;
    }

    /// <summary>Keeps what was uploaded; false when there is something already.</summary>
    public bool TryKeep(FileStream content) => Interlocked.CompareExchange(ref _content, content, null) is null;

    /// <summary>What was uploaded, from its beginning; nothing when nothing was.</summary>
    public FileStream? OpenContent()
    {
        if (_content is { } content)
            content.Position = 0;
        return _content;
    }

    public void Write(Utf8JsonWriter json, string root)
    {
        string kind = IsQuery ? "query" : "ingest";
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("operation", Order.Operation);
        json.WriteString("object", Order.Type.Name);
        json.WriteString("createdById", Order.Actor.User.Id);
        json.WriteString("createdDate", FieldValue.DateTimeText(CreatedAt, Rest.RecordJson.UtcSuffix));
        json.WriteString("systemModstamp", FieldValue.DateTimeText(ChangedAt, Rest.RecordJson.UtcSuffix));
        json.WriteString("state", State.ToString());
        if (Order.Key is { } key)
            json.WriteString("externalIdFieldName", key.Name);
        json.WriteString("concurrencyMode", "Parallel");
        json.WriteString("contentType", "CSV");
        json.WritePropertyName("apiVersion");
        json.WriteRawValue($"{Order.Version}.0");
        if (!IsQuery)
            // Without a slash in front.
            json.WriteString("contentUrl", $"{root[1..]}/jobs/ingest/{Id}/batches");
        json.WriteString("lineEnding", Order.Form.LineEnding);
        json.WriteString("columnDelimiter", Order.Form.Delimiter);
        json.WriteString("jobType", $"V2{char.ToUpperInvariant(kind[0])}{kind[1..]}");
        json.WriteNumber("retries", Retries);
        json.WriteNumber("totalProcessingTime", (long)(ChangedAt - CreatedAt).TotalMilliseconds);
        json.WriteNumber("numberRecordsProcessed", Processed);
        if (!IsQuery)
        {
            json.WriteNumber("numberRecordsFailed", Failures.Count);
            json.WriteNumber("apiActiveProcessingTime", 0);
            json.WriteNumber("apexProcessingTime", 0);
        }
        if (ErrorMessage is not null)
            json.WriteString("errorMessage", ErrorMessage);
        json.WriteEndObject();
    }

    public void Dispose()
    {
        _aborted.Dispose();
        _content?.Dispose();
        Successes.Dispose();
        Failures.Dispose();
        Unprocessed.Dispose();
    }
}
