using SalesforceBridge.Simulator.Automation;
using SalesforceBridge.Simulator.Bulk;
using SalesforceBridge.Simulator.Deliveries;
using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Identity;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Streaming;

namespace SalesforceBridge.Simulator;

/// <summary>The state of one org. One lock guards its rows; events, tokens, deliveries, faults and ledger guard themselves.</summary>
internal sealed class Org
{
    private readonly Lock _gate = new();
    private readonly RecordStore _store;
    private readonly List<OpenTransaction> _open = [];

    public Org(SimulatorOptions options, OrgSchema schema)
    {
        Options = options;
        DailyApiRequests = options.DailyApiRequests;
        Schema = schema;
        EventSchemas = new EventSchemas(schema);
        _store = new RecordStore(schema, options.TimeProvider);
        Faults = new FaultBoard(Changed);
        Ledger = new OrgLedger(options.LedgerSize);
        Bus = new EventBus(schema, options, Changed);
        Channels = new RecordChannels(Bus, schema);
        foreach (Record channel in _store.Channels)
            Channels.Take(before: null, channel);
        Tokens = new TokenStore(schema, options);
        Sessions = new SessionStore(this);
        Deliveries = new OrgDeliveries(this);
        Bulk = new BulkJobs(this);
        Approvals = new ApprovalBook();
    }

    public SimulatorOptions Options { get; }

    /// <summary>API requests in 24 hours, for everybody.</summary>
    public int DailyApiRequests { get; set; }

    public OrgSchema Schema { get; }

    public EventSchemas EventSchemas { get; }

    public FaultBoard Faults { get; }

    public OrgLedger Ledger { get; }

    public EventBus Bus { get; }

    public RecordChannels Channels { get; }

    public TokenStore Tokens { get; }

    public SessionStore Sessions { get; }

    public OrgDeliveries Deliveries { get; }

    public BulkJobs Bulk { get; }

    public ApprovalBook Approvals { get; }

    /// <summary>Rings whenever a poll or a waiting test may have something to look at.</summary>
    public WakeUp Changed { get; } = new();

    public InstanceAddress Address { get; } = new();

    public DateTimeOffset Now => Options.TimeProvider.GetUtcNow();

    /// <summary>How far back the log of deletes reaches.</summary>
    public DateTimeOffset DeletesKnownSince { get; set; }

    /// <summary>The begin of the oldest transaction that is open; nothing when none is.</summary>
    public DateTimeOffset? OpenSince
    {
        get
        {
            lock (_gate)
                return _open.Count == 0 ? null : _open.Min(transaction => transaction.StartedAt);
        }
    }

    public bool IsHidden(ObjectType type, Field field) => IsHidden(type, field, user: null);

    public bool IsHidden(ObjectType type, Field field, User? user) => Faults.Stands<Fault.HiddenField>(hidden =>
        (hidden.User is null || string.Equals(hidden.User, user?.Username, StringComparison.OrdinalIgnoreCase)) &&
        string.Equals(hidden.Object, type.Name, StringComparison.OrdinalIgnoreCase) &&
        string.Equals(hidden.Field, field.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads with nobody writing.</summary>
    public T Read<T>(Func<RecordStore, T> read)
    {
        lock (_gate)
            return read(_store);
    }

    /// <summary>Begins a transaction that stays open.</summary>
    /// <returns>When that was, in whole seconds.</returns>
    public DateTimeOffset Begin(OpenTransaction transaction)
    {
        lock (_gate)
        {
            _open.Add(transaction);
            return OrgTransaction.Second(Now);
        }
    }

    /// <summary>Ends it; without effect where it has ended.</summary>
    public void End(OpenTransaction transaction)
    {
        lock (_gate)
            _open.Remove(transaction);
    }

    /// <summary>Writes in one transaction; what it changed is streamed when it ends well, and undone when it throws.</summary>
    public T Write<T>(Actor actor, Func<OrgTransaction, T> write)
    {
        lock (_gate)
        {
            var transaction = new OrgTransaction(this, _store, actor);
            try
            {
                T result = write(transaction);
                transaction.Commit();
                Changed.Ring();
                return result;
            }
            catch
            {
                transaction.RollBack();
                transaction.TellLedger();
                throw;
            }
        }
    }
}

/// <summary>Who changes the org, and through which call.</summary>
/// <param name="User">Stamped on the records.</param>
/// <param name="Call">The number of the API call; nothing for drivers inside the process.</param>
/// <param name="Origin">The <c>changeOrigin</c> of change events.</param>
internal sealed record Actor(User User, long? Call, string Origin)
{
    /// <summary>What the call says of the rules that act on what it saves.</summary>
    public SaveHeaders Save { get; init; } = SaveHeaders.None;
}

/// <summary>Where the org answers. Both addresses work from the start; moving only changes which one it tells.</summary>
internal sealed class InstanceAddress
{
    /// <summary>Where to log in.</summary>
    public Uri Login { get; set; } = null!;

    /// <summary>Where a move leads.</summary>
    public Uri Spare { get; set; } = null!;

    /// <summary>Where the API answers.</summary>
    public Uri Instance { get; set; } = null!;

    /// <summary>Whether a request to that port reached the instance. After a move the old address knows no session any more.</summary>
    public bool IsInstance(int port) => Instance.Port == port;

    public void Move() => Instance = Instance == Login ? Spare : Login;
}
