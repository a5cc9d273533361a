namespace SalesforceBridge.Configuration;

/// <summary>What a process of the bridge does.</summary>
internal enum ProcessRole
{
    /// <summary>HTTP only.</summary>
    Web,

    /// <summary>Everything but HTTP.</summary>
    Worker,

    /// <summary>Both in one process.</summary>
    All,

    /// <summary>One command, then the end.</summary>
    Command,
}
