using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A clock that stands still until it is moved; its timers run on the machine's clock.</summary>
public sealed class StandingClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}

/// <summary>Keeps what is logged.</summary>
public sealed class LogLines<T> : ILogger<T>
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> All => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
}

/// <summary>Tokens <c>token-1</c>, <c>token-2</c>, ... for one host.</summary>
public sealed class CountedTokens(Uri instance) : ITokenSource
{
    private int _renewals;

    public int Renewals => _renewals;

    public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(new AccessToken($"token-{_renewals + 1}", instance));

    public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct)
    {
        Interlocked.Increment(ref _renewals);
        return GetAsync(ct);
    }
}
