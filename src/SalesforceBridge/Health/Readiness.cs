namespace SalesforceBridge.Health;

/// <summary>How far a part of the bridge is from doing its work. Told to anybody who asks over HTTP, so it names no host and no value.</summary>
internal abstract record Readiness
{
    private Readiness()
    {
    }

    /// <summary>In one word.</summary>
    public abstract string Status { get; }

    public sealed record Ready : Readiness
    {
        public override string Status => "ready";
    }

    /// <summary>Something is wrong and is being tried again.</summary>
    public sealed record Degraded(string Why, string Fix) : Readiness
    {
        public override string Status => "degraded";
    }

    /// <summary>Somebody must first set something.</summary>
    public sealed record SetupNeeded(string Why, string Fix) : Readiness
    {
        public override string Status => "setup";
    }
}

/// <summary>A part of the bridge that knows how it is. Answers at once, from what it last saw.</summary>
internal interface IReadinessCheck
{
    /// <summary>The part: <c>database</c>, <c>org</c>.</summary>
    string Name { get; }

    Readiness Current { get; }
}
