using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Queries.</content>
public sealed partial class SalesforceClient
{
    /// <summary>A query's records, page after page as they are asked for.</summary>
    /// <param name="soql">The query; at most 100,000 characters.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<T> QueryAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct) =>
        RecordsAsync(QueryPagesAsync(soql, type, ct), ct);

    /// <summary>A query's records as JSON.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<JsonElement> QueryAsync(string soql, CancellationToken ct) => QueryAsync(soql, RestJson.Default.JsonElement, ct);

    /// <summary>A query's pages, one call each as they are asked for.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<QueryPage<T>> QueryPagesAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct) =>
        PagesAsync("query", soql, type, ct);

    /// <summary>A query's records, deleted ones too while they are in the recycle bin (<c>IsDeleted</c> tells), page after page as they are asked for.</summary>
    /// <param name="soql">The query; at most 100,000 characters.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<T> QueryAllAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct) =>
        RecordsAsync(QueryAllPagesAsync(soql, type, ct), ct);

    /// <summary>A query's records as JSON, deleted ones too.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<JsonElement> QueryAllAsync(string soql, CancellationToken ct) => QueryAllAsync(soql, RestJson.Default.JsonElement, ct);

    /// <summary>A query's pages, one call each as they are asked for, deleted records among them.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the query.</param>
    public IAsyncEnumerable<QueryPage<T>> QueryAllPagesAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct) =>
        PagesAsync("queryAll", soql, type, ct);

    /// <summary>A later page of a query, such as one whose first page a composite answered.</summary>
    /// <param name="nextRecordsUrl">The <see cref="QueryPage{T}.NextRecordsUrl"/> of the page before, good for 2 days.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused (<c>INVALID_QUERY_LOCATOR</c> once the page has expired) or could not be reached.
    /// </exception>
    public Task<QueryPage<T>> QueryMoreAsync<T>(string nextRecordsUrl, JsonTypeInfo<T> type, CancellationToken ct) =>
        GetAsync(nextRecordsUrl, "query", body => QueryPageReader.Read(body, type), ct);

    /// <summary>The one record that a query finds, or none: null, and the default of a type that is a value.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="type">How the record is read.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="Errors.SalesforceException">The org refused or could not be reached.</exception>
    /// <exception cref="InvalidOperationException">It finds several.</exception>
    public async Task<T?> QuerySingleAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct) =>
        await OneAsync(soql, type, ct) is [var record] ? record : default;

    /// <summary>The one record that a query finds, as JSON; null for none.</summary>
    /// <param name="soql">The query.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="Errors.SalesforceException">The org refused or could not be reached.</exception>
    /// <exception cref="InvalidOperationException">It finds several.</exception>
    public async Task<JsonElement?> QuerySingleAsync(string soql, CancellationToken ct) =>
        await OneAsync(soql, RestJson.Default.JsonElement, ct) is [var record] ? record : null;

    private async Task<IReadOnlyList<T>> OneAsync<T>(string soql, JsonTypeInfo<T> type, CancellationToken ct)
    {
        QueryPage<T> page = await QueryMoreAsync(PathOf("query", soql), type, ct);
        return page is { Records.Count: <= 1, NextRecordsUrl: null }
            ? page.Records
            : throw new InvalidOperationException($"The query was to find one record and finds {page.TotalSize}.");
    }

    /// <summary>How many records a query finds.</summary>
    /// <param name="soql">The query; <c>select count() from ...</c> sends no records over.</param>
    /// <param name="ct">Ends the query.</param>
    public async Task<int> CountQueryAsync(string soql, CancellationToken ct)
    {
        await foreach (QueryPage<JsonElement> page in QueryPagesAsync(soql, RestJson.Default.JsonElement, ct))
            return page.TotalSize;
        return 0;
    }

    private static string PathOf(string resource, string soql) => $"{resource}?q={Uri.EscapeDataString(soql)}";

    private static async IAsyncEnumerable<T> RecordsAsync<T>(
        IAsyncEnumerable<QueryPage<T>> pages, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (QueryPage<T> page in pages.WithCancellation(ct))
        {
            foreach (T record in page.Records)
                yield return record;
        }
    }

    private async IAsyncEnumerable<QueryPage<T>> PagesAsync<T>(
        string resource, string soql, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
    {
        string? path = PathOf(resource, soql);
        while (path is not null)
        {
            QueryPage<T> page = await QueryMoreAsync(path, type, ct);
            yield return page;
            path = page.NextRecordsUrl;
        }
    }
}
