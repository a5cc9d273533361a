using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator;

/// <summary>A Salesforce org on loopback: what its clients see over HTTP, and a driver's direct access to it.</summary>
public sealed class SimulatedOrg : IAsyncDisposable
{
    // Change events tell an origin only of changes that came through an API.
    private const string DirectOrigin = "";

    private readonly WebApplication _server;
    private readonly Org _org;

    private SimulatedOrg(WebApplication server, Org org) => (_server, _org) = (server, org);

    /// <summary>Where to log in. It is the instance URL too, until the org moves.</summary>
    public Uri Url => _org.Address.Login;

    /// <summary>Where the API answers now; token replies say it.</summary>
    public Uri InstanceUrl => _org.Address.Instance;

    /// <summary>18 characters.</summary>
    public string OrgId => _org.Schema.OrgId;

    /// <summary>What goes wrong on demand.</summary>
    public FaultBoard Faults => _org.Faults;

    /// <summary>What the org saw.</summary>
    public OrgLedger Ledger => _org.Ledger;

    /// <summary>How many API requests the org allows in 24 hours; a test may change it as a purchase or an end of the day would.</summary>
    public int DailyApiRequests
    {
        get => _org.DailyApiRequests;
        set => _org.DailyApiRequests = value;
    }

    /// <summary>What stands beside its API.</summary>
    internal Org State => _org;

    /// <summary>The streaming sessions that are alive.</summary>
    public IReadOnlyList<StreamingSession> StreamingSessions =>
        [.. _org.Sessions.All.Select(session => new StreamingSession(session.ClientId, session.User.Username, session.Channels, session.StartedAt, session.IsPolling))];

    /// <summary>A new org, answering.</summary>
    /// <exception cref="SchemaException">The schema is not usable; the message lists every fault.</exception>
    public static async Task<SimulatedOrg> StartAsync(SimulatorOptions options, CancellationToken ct)
    {
        var org = new Org(options, OrgSchemas.Load(options));
        WebApplication server = OrgServer.Build(org);
        await server.StartAsync(ct);
        Uri[] addresses = [.. server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address => new Uri(address))];
        (org.Address.Login, org.Address.Spare, org.Address.Instance) = (addresses[0], addresses[1], addresses[0]);
        org.Deliveries.Start();
        return new SimulatedOrg(server, org);
    }

    /// <summary>Publishes a platform event as a user of the org would, without an API call.</summary>
    /// <param name="eventType"><c>Order_Placed__e</c>.</param>
    /// <param name="payload">Its fields: an anonymous object, a dictionary or a JSON value.</param>
    /// <param name="asUser">A user name; nothing: the first user of the schema.</param>
    /// <returns>The event's UUID.</returns>
    /// <exception cref="InvalidOperationException">The org refuses the event; the message says why.</exception>
    public string Publish(string eventType, object payload, string? asUser = null) => PublishMany(eventType, [payload], asUser)[0];

    /// <summary>Publishes platform events in order.</summary>
    /// <returns>Their UUIDs.</returns>
    /// <exception cref="InvalidOperationException">The org refuses an event; then none is published.</exception>
    public IReadOnlyList<string> PublishMany(string eventType, IEnumerable<object> payloads, string? asUser = null)
    {
        ObjectType type = EventType(eventType);
        return Write(asUser, transaction => payloads
            .Select(payload => ((WriteOutcome.Enqueued)Accepted(transaction.Create(type, ToJson(payload)))).Uuid)
            .ToArray());
    }

    /// <summary>Publishes an event whose payload goes on the wire as it is, however wrong: no object, unknown fields, invalid UTF-8.</summary>
    /// <returns>The event's UUID.</returns>
    public string PublishVerbatim(string eventType, ReadOnlyMemory<byte> payload, string? asUser = null)
    {
        string log = EventType(eventType).Name;
        EventDraft draft = PlatformEvents.Draft(_org.EventSchemas[log], payload);
        User user = Actor(asUser).User;
        _org.Bus.Publish(log, [draft], stored => _org.Ledger.Record(PlatformEvents.ToLedger(log, stored, user)));
        return draft.Uuid!;
    }

    /// <summary>Sends a text to all subscribers of a generic channel.</summary>
    /// <param name="channel">The name of a StreamingChannel: <c>/u/Notices</c>.</param>
    /// <param name="text">Up to 3,000 characters in an org.</param>
    /// <exception cref="InvalidOperationException">There is no such channel.</exception>
    public void Push(string channel, string text)
    {
        string log = _org.Read(store => store.Channels.FirstOrDefault(row => !row.IsDeleted && RecordChannels.NameOf(row) == channel)) is { } found
            ? RecordChannels.LogOf(found)
            : throw new InvalidOperationException($"The org has no channel '{channel}'.");
        _org.Bus.Publish(log, [RecordChannels.Draft(text, _org.Now)]);
    }

    /// <summary>Creates a record as a user of the org would, without an API call.</summary>
    /// <returns>Its id, 18 characters.</returns>
    /// <exception cref="InvalidOperationException">The org refuses the record; the message says why.</exception>
    public string Create(string objectName, object fields, string? asUser = null) =>
        Change(transaction => transaction.Create(objectName, fields), asUser);

    /// <summary>Updates a record as a user of the org would.</summary>
    /// <exception cref="InvalidOperationException">The org refuses; the message says why.</exception>
    public void Update(string objectName, string id, object fields, string? asUser = null) =>
        Change(transaction => { transaction.Update(objectName, id, fields); return id; }, asUser);

    /// <summary>Deletes a record as a user of the org would.</summary>
    /// <exception cref="InvalidOperationException">The org refuses; the message says why.</exception>
    public void Delete(string objectName, string id, string? asUser = null) =>
        Change(transaction => { transaction.Delete(objectName, id); return id; }, asUser);

    /// <summary>Makes several changes in one transaction: their change events share a transaction key.</summary>
    /// <exception cref="InvalidOperationException">The org refuses one; then none is made.</exception>
    public T Change<T>(Func<DirectTransaction, T> change, string? asUser = null) =>
        Write(asUser, transaction => change(new DirectTransaction(_org, transaction)));

    /// <summary>Begins a long transaction: its changes come to light when it commits, stamped with the times at which they were made.</summary>
    public OpenTransaction Begin(string? asUser = null) => new(_org, changes => Write(asUser, transaction =>
    {
        changes(transaction, new DirectTransaction(_org, transaction));
        return transaction.Point.Changes;
    }));

    /// <summary>The rows of a SOQL query, as REST shows them, in one page. It may end in <c>ALL ROWS</c>, as in Apex.</summary>
    public IReadOnlyList<JsonElement> Query(string soql)
    {
        SoqlQuery query = new SoqlBinder(_org.Schema.Objects) { AllowsAllRows = true }.Bind(SoqlParser.Parse(soql));
        var selection = new Selection(query);
        return _org.Read(store => SoqlRunner.Run(query, store, withDeleted: query.AllRows)
            .Select(record => ToElement(json => selection.Write(json, record, store, "/services/data/v62.0")))
            .ToArray());
    }

    /// <summary>A record with all its fields, or nothing when there is none or it was deleted.</summary>
    public JsonElement? Read(string objectName, string id)
    {
        ObjectType type = _org.Schema.Require(objectName);
        return _org.Read(store => store[type].Find(SalesforceId.Normalise(id))) is { IsDeleted: false } record
            ? ToElement(json => RecordJson.Write(json, record, type.Fields, "/services/data/v62.0"))
            : null;
    }

    /// <summary>Logs a user in, as a browser would.</summary>
    /// <returns>The session id, which the API takes as a token: <c>UserInfo.getSessionId()</c>.</returns>
    /// <exception cref="InvalidOperationException">There is no such user.</exception>
    public string OpenSession(string username) => _org.Tokens.Issue(Actor(username).User, app: null).Value;

    /// <summary>Ends a session, or any other token, at once: the user logged out.</summary>
    public void EndSession(string sessionId) => _org.Tokens.Revoke(sessionId);

    /// <summary>Drops every kept event: a stored replay id is not valid any more.</summary>
    public void ForgetEventHistory() => _org.Bus.Forget();

    /// <summary>Drops the log of deletes: who asks for deletes before this moment is refused with INVALID_REPLICATION_DATE.</summary>
    public void ForgetDeletes() => _org.DeletesKnownSince = _org.Now;

    /// <summary>Moves the org to another address. The old one answers 401; a new token tells the new one.</summary>
    public void MoveInstance()
    {
        _org.Address.Move();
        _org.Changed.Ring();
    }

    /// <summary>Edits a rule as an administrator would: its outbound messages or callouts, those that wait too, go to that URL from now on.</summary>
    /// <param name="rule">The name of an outbound message or a trigger.</param>
    /// <param name="url">With http or https.</param>
    /// <exception cref="InvalidOperationException">There is no such rule, or the URL is none.</exception>
    public void PointRule(string rule, Uri url)
    {
        if (!DeliveryRule.IsUrl(url))
            throw new InvalidOperationException($"'{url}' is no http or https URL.");
        if (!_org.Deliveries.Point(rule, url))
            throw new InvalidOperationException($"The org declares no rule '{rule}'.");
    }

    /// <summary>Waits until a condition holds; it is looked at whenever something happened in the org.</summary>
    public async Task WhenAsync(Func<SimulatedOrg, bool> condition, CancellationToken ct)
    {
        while (true)
        {
            Task changed = _org.Changed.Next;
            if (condition(this))
                return;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>Waits until a client has subscribed to a channel.</summary>
    public Task WhenSubscribedAsync(string channel, CancellationToken ct) =>
        WhenAsync(org => org.StreamingSessions.Any(session => session.Channels.Contains(channel)), ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _org.Deliveries.DisposeAsync();
        await _org.Bulk.DisposeAsync();
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    internal static JsonElement ToJson(object fields) => fields is JsonElement json ? json : JsonSerializer.SerializeToElement(fields);

    internal static WriteOutcome Accepted(WriteOutcome outcome) => outcome is WriteOutcome.Refused refused
        ? throw new InvalidOperationException($"The org refuses: {refused.Error.Code}: {refused.Error.Message}")
        : outcome;

    private ObjectType EventType(string name) =>
        _org.Schema.Events.GetValueOrDefault(name) ?? throw new InvalidOperationException($"The org's schema declares no event '{name}'.");

    private Actor Actor(string? username)
    {
        User user = username is null
            ? _org.Schema.Users[0]
            : _org.Schema.FindUser(username) ?? throw new InvalidOperationException($"The org's schema declares no user '{username}'.");
        return new Actor(user, Call: null, DirectOrigin);
    }

    private T Write<T>(string? asUser, Func<OrgTransaction, T> write)
    {
        try
        {
            return _org.Write(Actor(asUser), write);
        }
        catch (ApiException refused)
        {
            throw new InvalidOperationException($"The org refuses: {refused.Error.Code}: {refused.Error.Message}", refused);
        }
    }

    private static JsonElement ToElement(Action<Utf8JsonWriter> write)
    {
        using JsonDocument document = JsonDocument.Parse(OrgJson.Write(write));
        return document.RootElement.Clone();
    }
}

/// <summary>A streaming session as a driver sees it.</summary>
/// <param name="ClientId">Given in the handshake.</param>
/// <param name="User">Who subscribed.</param>
/// <param name="Channels">What to.</param>
/// <param name="StartedAt">When the handshake was.</param>
/// <param name="IsPolling">Whether a poll is being held.</param>
public sealed record StreamingSession(string ClientId, string User, IReadOnlyList<string> Channels, DateTimeOffset StartedAt, bool IsPolling);
