using System.Security.Cryptography;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>The streaming sessions that are alive. One whose time is over is gone when it is next looked at.</summary>
internal sealed class SessionStore(Org org)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BayeuxSession> _sessions = new(StringComparer.Ordinal);

    public IReadOnlyList<BayeuxSession> All
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return [.. _sessions.Values];
            }
        }
    }

    public int Count => All.Count;

    /// <summary>A new session, or nothing when there are too many. A browser has one session: an earlier one of the same cookie ends.</summary>
    public BayeuxSession? Open(User user, string? browser)
    {
        lock (_gate)
        {
            foreach (BayeuxSession earlier in _sessions.Values.Where(session => session.Browser == browser).ToArray())
                _sessions.Remove(earlier.ClientId);
            Sweep();
            if (_sessions.Count >= org.Options.MaxStreamingClients)
                return null;
            string clientId = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 27);
            var session = new BayeuxSession(clientId, RandomNumberGenerator.GetHexString(24, lowercase: true), user, org.Now);
            _sessions[clientId] = session;
            return session;
        }
    }

    public BayeuxSession? Find(string? clientId)
    {
        lock (_gate)
        {
            Sweep();
            return clientId is null ? null : _sessions.GetValueOrDefault(clientId);
        }
    }

    public void End(BayeuxSession session)
    {
        lock (_gate)
            _sessions.Remove(session.ClientId);
        org.Changed.Ring();
    }

    private void Sweep()
    {
        foreach (BayeuxSession over in _sessions.Values.Where(session => session.IsOver(org.Now, org.Options)).ToArray())
            _sessions.Remove(over.ClientId);
    }
}
