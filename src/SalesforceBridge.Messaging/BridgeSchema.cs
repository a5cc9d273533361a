using System.Text;

namespace SalesforceBridge.Messaging;

/// <summary>The schema that holds the bridge's tables, as it is written into SQL.</summary>
public sealed class BridgeSchema
{
    private const int LongestBytes = 63;

    /// <summary>The schema of this name.</summary>
    /// <param name="name">1 to 63 bytes in UTF-8, which is what PostgreSQL keeps of a name; quoted, so any character but NUL is allowed.</param>
    /// <exception cref="ArgumentException">The name is empty, too long or holds a NUL.</exception>
    public BridgeSchema(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Encoding.UTF8.GetByteCount(name) > LongestBytes || name.Contains('\0'))
            throw new ArgumentException($"A schema name has 1 to {LongestBytes} bytes in UTF-8 and no NUL.", nameof(name));
        Name = name;
    }

    /// <summary>The bare name; also the name of the NOTIFY channel.</summary>
    public string Name { get; }

    /// <summary>The name as an SQL identifier.</summary>
    public override string ToString() => Quote(Name);

    /// <summary>Any name as an SQL identifier.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"")}\"";

    /// <summary>Any text as an SQL literal, whatever the server's settings.</summary>
    public static string Literal(string text) =>
        text.Contains('\\') ? $"E'{text.Replace("\\", "\\\\").Replace("'", "''")}'" : $"'{text.Replace("'", "''")}'";
}
