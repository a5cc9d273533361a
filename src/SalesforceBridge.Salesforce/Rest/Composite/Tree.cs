using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>The request that creates records with their children, and its answer, which names only those at fault.</summary>
internal sealed class Tree
{
    private readonly string _sObject;
    private readonly IReadOnlyList<TreeRecord> _records;
    private readonly HashSet<string> _names = [];

    /// <exception cref="ArgumentException">Two records have the same reference id, or one has none.</exception>
    public Tree(string sObject, IReadOnlyList<TreeRecord> records)
    {
        (_sObject, _records) = (sObject, records);
        Name(records);
    }

    private string What => $"create {_sObject} trees";

    public SalesforceRequest ToRequest()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        WriteRecords(output, _sObject, _records);
        return new SalesforceRequest(HttpMethod.Post, $"composite/tree/{Uri.EscapeDataString(_sObject)}")
        {
            What = What,
            Body = output.WrittenMemory,
            AlsoAnswers = [HttpStatusCode.BadRequest],
        };
    }

    /// <exception cref="JsonException">The answer does not tell what became of every record.</exception>
    /// <exception cref="SalesforceException">The org refused the whole.</exception>
    public TreeOutcome ReadOutcome(SalesforceReply reply)
    {
        if (reply.Status is HttpStatusCode.BadRequest)
            return new TreeOutcome(reply.Status, ReadRefusals(reply));
        TreeAnswer answer = Read(reply);
        var results = new Dictionary<string, SaveResult>();
        foreach (TreeItem item in answer.Results)
        {
            if (item.Id is null || !_names.Contains(item.ReferenceId) || !results.TryAdd(item.ReferenceId, new SaveResult { Success = true, Id = item.Id, Created = true, Status = reply.Status }))
                throw new JsonException("A result is not that of a record.");
        }

        return results.Count == _names.Count ? new TreeOutcome(reply.Status, results) : throw new JsonException("There is not one result for each record.");
    }

    private Dictionary<string, SaveResult> ReadRefusals(SalesforceReply reply)
    {
        var refused = new Dictionary<string, SaveResult>();
        foreach (TreeItem item in ReadItemsAtFault(reply))
        {
            SalesforceError[] errors = [.. (item.Errors ?? []).OfType<SaveItemError>().Select(error => error.ToError() with { Status = reply.Status })];
            // Who is not told of what was asked for, is told of the whole.
            if (!_names.Contains(item.ReferenceId) || errors.Length == 0)
                throw RefusedAsAWhole(reply, errors);
            refused[item.ReferenceId] = SaveResult.Refused(null, errors);
        }

        if (refused.Count == 0)
            throw RefusedAsAWhole(reply, []);
        var undone = SaveResult.Undone(null, reply.Status);
        return _names.ToDictionary(name => name, name => refused.GetValueOrDefault(name, undone));
    }

    // A request that cannot be read is refused in the shape of all other refusals.
    private static IReadOnlyList<TreeItem> ReadItemsAtFault(SalesforceReply reply)
    {
        try
        {
            return Read(reply).Results;
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private SalesforceException RefusedAsAWhole(SalesforceReply reply, SalesforceError[] told)
    {
        IReadOnlyList<SalesforceError> errors = told.Length > 0 ? told : ErrorBody.Read(reply.Status, reply.Body);
        return new SalesforceException(What, errors, ErrorTable.Of(errors));
    }

    private static TreeAnswer Read(SalesforceReply reply) =>
        JsonSerializer.Deserialize(reply.Body.Span, RestJson.Default.TreeAnswer) ?? throw new JsonException("The answer is null.");

    private void Name(IEnumerable<TreeRecord> records)
    {
        foreach (TreeRecord record in records)
        {
            if (record.ReferenceId.Length == 0 || !_names.Add(record.ReferenceId))
                throw new ArgumentException($"Each record of a tree needs a reference id of its own, not '{record.ReferenceId}'.", nameof(records));
            foreach (TreeChildren children in record.Children)
                Name(children.Records);
        }
    }

    private static void WriteRecords(ArrayBufferWriter<byte> output, string sObject, IReadOnlyList<TreeRecord> records)
    {
        output.Write("{\"records\":["u8);
        for (int i = 0; i < records.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            WriteRecord(output, sObject, records[i]);
        }

        output.Write("]}"u8);
    }

    private static void WriteRecord(ArrayBufferWriter<byte> output, string sObject, TreeRecord record)
    {
        Write(output, $$"""{"attributes":{"type":"{{JsonEncodedText.Encode(sObject)}}","referenceId":"{{JsonEncodedText.Encode(record.ReferenceId)}}"}""");
        foreach (JsonMember member in new JsonMembers(record.Fields.Utf8.Span))
        {
            if (!member.Is("attributes"u8))
                RecordBytes.Append(output, member, isFirst: false);
        }

        foreach (TreeChildren children in record.Children)
        {
            Write(output, $",\"{JsonEncodedText.Encode(children.Relationship)}\":");
            WriteRecords(output, children.SObject, children.Records);
        }

        output.Write("}"u8);
    }

    private static void Write(ArrayBufferWriter<byte> output, string text) => output.Write(Encoding.UTF8.GetBytes(text));
}

/// <summary>A tree's answer on the wire.</summary>
internal sealed record TreeAnswer(IReadOnlyList<TreeItem> Results);

/// <summary>A record in it: its id, or what is wrong with it.</summary>
internal sealed record TreeItem(string ReferenceId, string? Id = null, IReadOnlyList<SaveItemError>? Errors = null);
