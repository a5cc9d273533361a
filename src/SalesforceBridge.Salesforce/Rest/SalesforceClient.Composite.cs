using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest.Composite;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Several requests in one: composite, batch, graph and tree. What costs how many API calls, each method says.</content>
public sealed partial class SalesforceClient
{
    // An org refuses a URL that has more than 16,384 bytes with its headers (414, 431), and many a proxy before it one of 8,192.
    private const int LongestPath = 4 * 1024;

    /// <summary>
    /// Sends up to 25 requests as one API call, 5 of them queries or collections at most; later ones can speak of what earlier ones answer
    /// (NetCoreForce's <c>ExecuteCompositeRecords</c>). One without a POST is sent again when its answer is lost; one with a POST, such as a create,
    /// is then <see cref="SalesforceException.InDoubt"/>, and so is one that is all or none and deletes.
    /// </summary>
    /// <param name="request">The subrequests; none at all call nobody.</param>
    /// <param name="ct">Ends the call; then nobody knows what became of it.</param>
    /// <returns>What became of each subrequest: what the org refuses of one is told here and not by an exception.</returns>
    /// <exception cref="SalesforceException">
    /// The org refused the whole (<c>LIMIT_EXCEEDED</c> for too many, <c>INVALID_INPUT</c>), could not be reached, or gave no answer that tells what
    /// became of every subrequest (<see cref="OwnCodes.UnusableReply"/>).
    /// </exception>
    public async Task<CompositeResult> ExecuteCompositeAsync(CompositeRequest request, CancellationToken ct) => request.Subrequests.Count == 0
        ? new CompositeResult([])
        : await _exchange.SendAsync(Writer.Composite(request), reply => CompositeReader.Read(reply, request), ct);

    /// <summary>
    /// Sends up to 25 requests one after the other in one HTTP request; each counts as an API call, commits for itself, and knows nothing of the
    /// others. What is told of a lost answer at <see cref="ExecuteCompositeAsync"/> holds here too.
    /// </summary>
    /// <param name="subrequests">The requests, without headers of their own and without references; none at all call nobody.</param>
    /// <param name="haltOnError">Whether those behind the first that fails are not run (412, <c>BATCH_PROCESSING_HALTED</c>).</param>
    /// <param name="ct">Ends the call; then nobody knows what became of it.</param>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the whole, could not be reached, or its answer cannot be used.</exception>
    /// <exception cref="ArgumentException">A subrequest has headers, or a path that is not below <c>/services/data/</c>.</exception>
    public async Task<IReadOnlyList<SubrequestResult>> ExecuteBatchAsync(
        IReadOnlyList<Subrequest> subrequests, bool haltOnError, CancellationToken ct) => subrequests.Count == 0
        ? []
        : await _exchange.SendAsync(Writer.Batch(subrequests, haltOnError), reply => CompositeReader.ReadBatch(reply, subrequests), ct);

    /// <summary>
    /// Sends graphs side by side as one API call: up to 75 with 500 requests to single records in all, each graph all or none, 15 levels deep at
    /// most. Once 14 have failed, the rest may be halted.
    /// </summary>
    /// <param name="graphs">The graphs; none at all call nobody.</param>
    /// <param name="ct">Ends the call; then nobody knows what became of it.</param>
    /// <returns>What became of each graph, in their order.</returns>
    /// <exception cref="SalesforceException">The org refused the whole, could not be reached, or its answer cannot be used.</exception>
    public async Task<IReadOnlyList<CompositeResult>> ExecuteGraphAsync(IReadOnlyList<CompositeRequest> graphs, CancellationToken ct) => graphs.Count == 0
        ? []
        : await _exchange.SendAsync(Writer.Graph(graphs), reply => CompositeReader.ReadGraphs(reply, graphs), ct);

    /// <summary>
    /// Creates records with their children as one API call, all or none: up to 200 records of 5 types, 5 levels deep. When nobody knows whether they came
    /// about the exception is <see cref="SalesforceException.InDoubt"/>.
    /// </summary>
    /// <param name="sObject">The API name of the records at the top.</param>
    /// <param name="records">The records; none at all call nobody.</param>
    /// <param name="ct">Ends the call; then nobody knows what became of it.</param>
    /// <returns>What became of each record, children too, by its reference id; what the org refuses is told here and not by an exception.</returns>
    /// <exception cref="SalesforceException">The org refused the whole, could not be reached, or its answer cannot be used.</exception>
    /// <exception cref="System.Text.Json.JsonException">A record is not one JSON object.</exception>
    /// <exception cref="ArgumentException">Two records have the same reference id, or one has none.</exception>
    public async Task<TreeOutcome> CreateMultipleAsync(string sObject, IReadOnlyList<TreeRecord> records, CancellationToken ct)
    {
        if (records.Count == 0)
            return new TreeOutcome(HttpStatusCode.Created, new Dictionary<string, SaveResult>());
        var tree = new Tree(sObject, records);
        return await _exchange.SendAsync(tree.ToRequest(), tree.ReadOutcome, ct);
    }

    private CompositeWriter Writer => new(settings.ApiVersion);

    /// <summary>Reads what a path leads to; one that is too long for a URL goes in the body of a batch, for the same one API call.</summary>
    private Task<T> GetAsync<T>(string path, string what, Func<ReadOnlySpan<byte>, T> read, CancellationToken ct)
    {
        if (path.Length <= LongestPath)
            return _exchange.ReadAsync(new SalesforceRequest(HttpMethod.Get, path) { What = what }, read, ct);
        Subrequest[] one = [new Subrequest(HttpMethod.Get, path)];
        return _exchange.SendAsync(Writer.Batch(one, haltOnError: false) with { What = what }, reply =>
        {
            SubrequestResult result = CompositeReader.ReadBatch(reply, one)[0];
            return result.Success ? read(result.Body.Span) : throw result.Failure(what);
        }, ct);
    }
}
