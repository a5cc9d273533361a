using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Marks a C# handler and says what it listens to.</summary>
/// <param name="name">The route's name, as a SQL route's file name would be.</param>
/// <param name="on">What wakes it, as in a SQL route's <c>on:</c> header, for example <c>event Order_Placed__e</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RouteAttribute(string name, string on) : Attribute
{
    /// <summary>The route's name.</summary>
    public string Name { get; } = name;

    /// <summary>What wakes it.</summary>
    public string On { get; } = on;

    /// <summary>An SQL expression over <c>message</c> whose value orders messages and deliveries. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>Further header lines of a SQL route that apply to a handler, for example <c>retry: 5</c>.</summary>
    public string Headers { get; init; } = "";
}

/// <summary>
/// Code that works on one message at a time. What goes through its transaction and its verbs happens exactly once;
/// whatever else it does is its own, and may happen again.
/// </summary>
public interface IRouteHandler
{
    /// <summary>Does the route's work for a message. An exception fails the message, which is tried again.</summary>
    Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct);
}

/// <summary>A message, as a handler sees it.</summary>
/// <param name="Id">Its place in the log.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Key">What it is about, by the route's <c>key:</c>.</param>
/// <param name="Json">The payload as JSON text in UTF-8.</param>
/// <param name="ReceivedAt">When it was stored.</param>
/// <param name="OccurredAt">When it happened, where the source says.</param>
public sealed record Message(
    long Id, string Source, string? Key, ReadOnlyMemory<byte> Json, DateTimeOffset ReceivedAt, DateTimeOffset? OccurredAt)
{
    /// <summary>The payload as a type of the handler's.</summary>
    /// <exception cref="JsonException">The payload does not fit the type.</exception>
    public T Read<T>(JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(Json.Span, type) ?? throw new JsonException($"Message {Id} of {Source} has null for a payload.");
}

/// <summary>The open transaction of a route's step, and the verbs that add deliveries to its lane.</summary>
public sealed class RouteTransaction
{
    private readonly RouteSql _sql;
    private readonly Message _message;
    private readonly int _hops;
    private string? _first;

    internal RouteTransaction(NpgsqlConnection connection, RouteSql sql, Message message, int hops) =>
        (Connection, _sql, _message, _hops) = (connection, sql, message, hops);

    /// <summary>The connection inside the transaction; the step commits it, a handler never does.</summary>
    public NpgsqlConnection Connection { get; }

    internal int Sent { get; private set; }

    /// <summary>Publishes a Platform Event.</summary>
    public Task PublishAsync(string eventName, string fieldsJson, CancellationToken ct) => SendAsync($"publish {eventName}", fieldsJson, ct);

    /// <summary>Creates a record.</summary>
    public Task CreateAsync(string sObject, string fieldsJson, CancellationToken ct) => SendAsync($"create {sObject}", fieldsJson, ct);

    /// <summary>Updates the record that the field <c>Id</c> names.</summary>
    public Task UpdateAsync(string sObject, string fieldsJson, CancellationToken ct) => SendAsync($"update {sObject}", fieldsJson, ct);

    /// <summary>Creates or updates the record that an external id names.</summary>
    public Task UpsertAsync(string sObject, string externalIdField, string fieldsJson, CancellationToken ct) =>
        SendAsync($"upsert {sObject} by {externalIdField}", fieldsJson, ct);

    /// <summary>Deletes the record that the field <c>Id</c> names.</summary>
    public Task DeleteAsync(string sObject, string fieldsJson, CancellationToken ct) => SendAsync($"delete {sObject}", fieldsJson, ct);

    /// <summary>Calls an HTTP API of the configuration.</summary>
    /// <param name="api">Its name there.</param>
    /// <param name="bodyJson">A JSON object: the body.</param>
    /// <param name="metadataJson">A JSON object with what a SQL route's columns would say: <c>_url</c>, <c>_method</c>, <c>_headers</c>, <c>_body</c>; null for none.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task RequestAsync(string api, string bodyJson, string? metadataJson, CancellationToken ct) =>
        SendAsync($"request {api}", bodyJson, metadataJson, ct);

    /// <summary>Adds a delivery to the route's lane; it is made after the transaction commits.</summary>
    /// <param name="destination">As in a SQL route's <c>do:</c> header.</param>
    /// <param name="fieldsJson">A JSON object.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task SendAsync(string destination, string fieldsJson, CancellationToken ct) => SendAsync(destination, fieldsJson, null, ct);

    private async Task SendAsync(string destination, string fieldsJson, string? metadataJson, CancellationToken ct)
    {
        string name = RouteAction.Parse(destination).ToString();
        _first ??= name;
        if (_sql.IsTogether && name != _first)
            throw new InvalidOperationException($"`together: yes` makes what a message sends in one call, and there are two destinations: `{_first}` and `{name}`. Send one of them from another route.");
        await Sql.ExecuteAsync(Connection, [_sql.Send(name, fieldsJson, metadataJson, _message, Sent + 1, _hops)], ct);
        Sent++;
    }
}
