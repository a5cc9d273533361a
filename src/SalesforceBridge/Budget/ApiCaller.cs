namespace SalesforceBridge.Budget;

/// <summary>What is done first with the calls that are left. The last one stops first.</summary>
internal enum ApiPriority
{
    /// <summary>A lane's deliveries.</summary>
    Delivery,

    /// <summary>A query that is polled.</summary>
    Poll,

    /// <summary>A person's command, or the loading of what was missed.</summary>
    Command,
}

/// <summary>Who makes calls.</summary>
/// <param name="Name">As calls are counted: <c>lane NAME</c>, a source's name, <c>command NAME</c>.</param>
/// <param name="Priority">When it has to stop.</param>
internal sealed record ApiCaller(string Name, ApiPriority Priority)
{
    public static ApiCaller Lane(string lane) => new($"lane {lane}", ApiPriority.Delivery);

    public static ApiCaller Poll(string source) => new(source, ApiPriority.Poll);

    public static ApiCaller Command(string command) => new($"command {command}", ApiPriority.Command);
}
