using System.Collections.Concurrent;

namespace SalesforceBridge.Messaging;

/// <summary>
/// What Heroku Connect said last of its mappings, for whoever must know it while a table is rebuilt. Empty where nobody asks Connect:
/// its API wants a key that most bridges do not have.
/// </summary>
public sealed class HerokuConnectStates(TimeProvider time)
{
    /// <summary>A mapping's table is being loaded anew.</summary>
    public const string Reloading = "RELOAD_TABLE";

    // Asked every minute; what is older than this says nothing of now.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<MappedTable, (string State, long At)> _states = new();

    /// <summary>Remembers the states of one connection's mappings.</summary>
    public void Tell(IEnumerable<(MappedTable Table, string State)> states)
    {
        foreach ((MappedTable table, string state) in states)
            _states[table] = (state, time.GetTimestamp());
    }

    /// <summary>A mapping's state; null where it is not known, or was not told for five minutes.</summary>
    public string? Of(MappedTable table) =>
        _states.TryGetValue(table, out (string State, long At) known) && time.GetElapsedTime(known.At) < Fresh ? known.State : null;
}
