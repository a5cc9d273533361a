using Microsoft.Extensions.DependencyInjection;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>The time of day, so much later; timers run as always.</summary>
internal sealed class OffsetClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

    public void Replace(IServiceCollection services) => services.AddSingleton<TimeProvider>(this);
}
