using System.Net;
using Npgsql;

namespace SalesforceBridge.Configuration;

/// <summary>A <c>postgres://</c> URL as a connection string for Npgsql.</summary>
/// <param name="Address">Where it points to, without user and password: <c>host:port/database</c>.</param>
/// <param name="ConnectionString">How Npgsql reaches it.</param>
internal sealed record DatabaseUrl(string Address, Secret ConnectionString)
{
    private const string Form = "Use the form postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters percent-encoded.";

    // libpq's names for what Npgsql calls otherwise. Every other parameter is Npgsql's own name, blanks as they are or as underscores.
    private static readonly Dictionary<string, string> NamesOfLibpq = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["connect_timeout"] = "Timeout",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    private static readonly DatabaseUrl None = new("", new Secret(""));

    public static DatabaseUrl Read(ConfigVarReader variables)
    {
        if (variables.Text(ConfigVar.DatabaseUrl) is not { } text)
        {
            variables.Fault(ConfigVar.DatabaseUrl, "is not set", "Add a database: heroku addons:create heroku-postgresql:essential-0");
            return None;
        }

        try
        {
            return Parse(text);
        }
        catch (FormatException fault)
        {
            variables.Fault(ConfigVar.DatabaseUrl, $"is **** (hidden), {fault.Message}", Form);
            return None;
        }
    }

    /// <summary>Reads a URL.</summary>
    /// <exception cref="FormatException">It cannot be read; the message tells no part of it but a parameter's name.</exception>
    public static DatabaseUrl Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("postgres" or "postgresql"))
            throw new FormatException("not a postgres:// URL");

        var connection = new NpgsqlConnectionStringBuilder { Host = url.Host.Trim('[', ']'), Port = url.Port > 0 ? url.Port : 5432 };
        if (connection.Host.Length == 0)
            throw new FormatException("without a host");
        connection.SslMode = IsLoopback(connection.Host) ? SslMode.Prefer : SslMode.Require;

        // Uri leaves user, password and path as they were encoded.
        string[] user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            connection.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            connection.Password = Uri.UnescapeDataString(user[1]);
        connection.Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        if (connection.Database.Length == 0)
            throw new FormatException("without a database name");

        foreach (string parameter in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            Set(connection, parameter);
        return new DatabaseUrl($"{url.Host}:{connection.Port}/{connection.Database}", new Secret(connection.ConnectionString));
    }

    private static void Set(NpgsqlConnectionStringBuilder connection, string parameter)
    {
        string[] parts = parameter.Split('=', 2);
        string given = Uri.UnescapeDataString(parts[0].Replace('+', ' '));
        string name = NamesOfLibpq.GetValueOrDefault(given) ?? given.Replace('_', ' ');
        string value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        try
        {
            // libpq writes verify-full and read-write where Npgsql has VerifyFull and read-write.
            connection[name] = name == "SSL Mode" ? value.Replace("-", "") : value;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new FormatException($"with a parameter that cannot be used: {given}", fault);
        }
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
