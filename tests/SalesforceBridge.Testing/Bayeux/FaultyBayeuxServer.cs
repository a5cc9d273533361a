using System.Text.Json.Nodes;

namespace SalesforceBridge.Testing.Bayeux;

/// <summary>A Bayeux server with replay, sessions and cookies as Salesforce has them, which makes the faults that a test asks for. A
/// reply takes
/// its events with it: what is cut or withheld does not come again in the same session.</summary>
public sealed class FaultyBayeuxServer : IAsyncDisposable
{
    private const string BrowserCookie = "BAYEUX_BROWSER";
    private readonly Lock _gate = new();
    private readonly WireServer _wire;
    private readonly Dictionary<string, List<string>> _logs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<Fault?>> _faults = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _requests = [];
    private readonly List<WireRequest> _wireRequests = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _clients;

    /// <summary>Starts a server.</summary>
    public FaultyBayeuxServer() => _wire = new(AnswerAsync);

    /// <summary>How long it holds a poll.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The most events in a reply.</summary>
    public int EventsAPoll { get; init; } = 10;

    /// <summary>What its first good answer to a connect advises; null for nothing.</summary>
    public JsonObject? Advice { get; init; }

    /// <summary>Where it is.</summary>
    public Uri Host => new($"http://127.0.0.1:{_wire.Port}");

    /// <summary>Where it speaks Bayeux.</summary>
    public Uri Address => new(Host, "/cometd/62.0");

    /// <summary>How many connections were opened to it.</summary>
    public int ConnectionsAccepted => _wire.ConnectionsAccepted;

    /// <summary>The most connects of one session that were ever under way at once.</summary>
    public int ConcurrentConnects { get; private set; }

    /// <summary>The messages so far, in order.</summary>
    public IReadOnlyList<JsonObject> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    /// <summary>The HTTP requests so far, in order.</summary>
    public IReadOnlyList<WireRequest> WireRequests
    {
        get
        {
            lock (_gate)
                return [.. _wireRequests];
        }
    }

    /// <summary>Makes the next message of a kind fail; null lets one pass. Connects that are not to be held are
    /// <c>/meta/connect?</c>.</summary>
    public void Fail(string metaChannel, params Fault?[] faults)
    {
        lock (_gate)
        {
            if (!_faults.TryGetValue(metaChannel, out Queue<Fault?>? queue))
                _faults[metaChannel] = queue = new();
            foreach (Fault? fault in faults)
                queue.Enqueue(fault);
        }
    }

    /// <summary>Publishes events whose payload is a number and whose replay id is their place in the channel, beginning with 1.</summary>
    public void PublishNumbers(string channel, int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                int id = Log(channel).Count + 1;
                Log(channel).Add($$$"""{"schema":"s","payload":{"Number__c":{{{id}}}},"event":{"replayId":{{{id}}}}}""");
            }
        }

        NoteChange();
    }

    /// <summary>Publishes an event with this <c>data</c>.</summary>
    public void Publish(string channel, string data)
    {
        lock (_gate)
            Log(channel).Add(data);
        NoteChange();
    }

    /// <summary>Forgets all sessions.</summary>
    public void Forget()
    {
        lock (_gate)
            _sessions.Clear();
        NoteChange();
    }

    /// <summary>How many messages of a kind have come.</summary>
    public int Count(string metaChannel) => Requests.Count(request => (string?)request["channel"] == metaChannel);

    /// <summary>Waits until what came fulfils a condition.</summary>
    public async Task UntilAsync(Func<FaultyBayeuxServer, bool> condition, CancellationToken ct)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
                return;
            await changed.WaitAsync(TimeSpan.FromSeconds(20), ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private async Task<WireReply> AnswerAsync(WireRequest wire, CancellationToken ct)
    {
        JsonObject message = JsonNode.Parse(wire.Body)!.AsArray().Single()!.AsObject();
        lock (_gate)
        {
            _wireRequests.Add(wire);
            _requests.Add(message);
        }

        NoteChange();
        string channel = (string)message["channel"]!;
        bool isImmediate = message["advice"] is not null;
        Fault? fault = TakeFault(isImmediate ? channel + "?" : channel);
        if (fault is { TakesEvents: false })
        {
            if (channel is "/meta/connect")
                Forget((string)message["clientId"]!);
            return fault.Reply(message, []);
        }

        (JsonArray reply, string headers) = await GoodReplyAsync(message, wire, isImmediate, ct);
        return fault is null ? Fault.Json(reply, headers: headers) : fault.Reply(message, reply);
    }

    private async Task<(JsonArray Reply, string Headers)> GoodReplyAsync(JsonObject message, WireRequest wire, bool isImmediate, CancellationToken ct)
    {
        string channel = (string)message["channel"]!;
        if (channel == "/meta/handshake")
            return Handshake(message);
        Session? session = Find(message);
        if (session is null)
            return (new(Answer(message, false, "403::Unknown client", "handshake")), "");
        if (!wire.Headers.TryGetValue("Cookie", out string? cookies) || !cookies.Contains($"{BrowserCookie}={session.Cookie}"))
            return (new(Answer(message, false, $"400::Client {session.Id} has established a session, but no {BrowserCookie} cookie present")), "");
        return (channel switch
        {
            "/meta/connect" => await ConnectAsync(message, session, isImmediate, ct),
            "/meta/subscribe" => Subscribe(message, session),
            "/meta/unsubscribe" => Unsubscribe(message, session),
            "/meta/disconnect" => Disconnect(message, session),
            _ => new(Answer(message, false, "404::Unknown meta channel")),
        }, "");
    }

    private (JsonArray, string) Handshake(JsonObject message)
    {
        lock (_gate)
        {
            var session = new Session($"client{++_clients}", $"cookie{_clients}");
            _sessions.Add(session.Id, session);
            JsonObject answer = Answer(message, true);
            answer["clientId"] = session.Id;
            const string Routing = "Set-Cookie: sfdc-stream=x;Expires=Wed, 01-Jan-2098 00:00:00 GMT;Path=/\r\n";
            return (new(answer), $"Set-Cookie: {BrowserCookie}={session.Cookie};Path=/;HttpOnly\r\n{Routing}");
        }
    }

    private async Task<JsonArray> ConnectAsync(JsonObject message, Session session, bool isImmediate, CancellationToken ct)
    {
        lock (_gate)
            ConcurrentConnects = Math.Max(ConcurrentConnects, ++session.Connects);
        if (!isImmediate)
            await HoldAsync(session, ct);
        lock (_gate)
        {
            session.Connects--;
            if (!_sessions.ContainsKey(session.Id))
                return new(Answer(message, false, "403::Unknown client", "handshake"));
            JsonArray reply = Take(session);
            JsonObject answer = Answer(message, true);
            if (Advice is not null && isImmediate)
                answer["advice"] = Advice.DeepClone();
            reply.Add(answer);
            return reply;
        }
    }

    private async Task HoldAsync(Session session, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Hold);
        try
        {
            while (true)
            {
                Task changed = Volatile.Read(ref _changed).Task;
                lock (_gate)
                    if (!_sessions.ContainsKey(session.Id) || session.Cursors.Any(cursor => cursor.Value < Log(cursor.Key).Count))
                        return;
                await changed.WaitAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing was published.
        }
    }

    private JsonArray Take(Session session)
    {
        var reply = new JsonArray();
        foreach (string channel in session.Cursors.Keys.ToArray())
        {
            List<string> log = Log(channel);
            while (session.Cursors[channel] < log.Count && reply.Count < EventsAPoll)
                reply.Add(new JsonObject { ["data"] = JsonNode.Parse(log[session.Cursors[channel]++]), ["channel"] = channel });
        }

        return reply;
    }

    private JsonArray Subscribe(JsonObject message, Session session)
    {
        string channel = (string)message["subscription"]!;
        JsonNode? from = message["ext"]?["replay"]?[channel.Split('?')[0]];
        int id = from is null ? -1 : int.Parse(from.ToJsonString());
        lock (_gate)
            session.Cursors[channel] = id switch { -1 => Log(channel).Count, -2 => 0, _ => id };
        JsonObject answer = Answer(message, true);
        answer["subscription"] = channel;
        return new(answer);
    }

    private JsonArray Unsubscribe(JsonObject message, Session session)
    {
        lock (_gate)
            session.Cursors.Remove((string)message["subscription"]!);
        return new(Answer(message, true));
    }

    private JsonArray Disconnect(JsonObject message, Session session)
    {
        Forget(session.Id);
        return new(Answer(message, true));
    }

    private static JsonObject Answer(JsonObject message, bool successful, string? error = null, string? reconnect = null)
    {
        var answer = new JsonObject { ["channel"] = (string)message["channel"]!, ["id"] = (string)message["id"]!, ["successful"] = successful };
        if (error is not null)
            answer["error"] = error;
        if (reconnect is not null)
            answer["advice"] = new JsonObject { ["reconnect"] = reconnect, ["interval"] = 0 };
        return answer;
    }

    private Fault? TakeFault(string kind)
    {
        lock (_gate)
            return _faults.TryGetValue(kind, out Queue<Fault?>? queue) && queue.TryDequeue(out Fault? fault) ? fault : null;
    }

    private Session? Find(JsonObject message)
    {
        lock (_gate)
            return _sessions.GetValueOrDefault((string?)message["clientId"] ?? "");
    }

    private void Forget(string clientId)
    {
        lock (_gate)
            _sessions.Remove(clientId);
        NoteChange();
    }

    private List<string> Log(string channel)
    {
        if (!_logs.TryGetValue(channel, out List<string>? log))
            _logs[channel] = log = [];
        return log;
    }

    private void NoteChange() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private sealed record Session(string Id, string Cookie)
    {
        public Dictionary<string, int> Cursors { get; } = new(StringComparer.Ordinal);

        public int Connects { get; set; }
    }
}
