using System.Net.Sockets;
using Npgsql;

namespace SalesforceBridge.Health;

/// <summary>Why the database could not be used, and what to do about it, in words without names or passwords.</summary>
internal sealed record DatabaseProblem(string Why, string Fix)
{
    /// <summary>Explains what Npgsql threw.</summary>
    public static DatabaseProblem Of(Exception error) => error switch
    {
        PostgresException refusal => OfRefusal(refusal),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => new(
            "did not answer in time", "See whether it is up: heroku pg:info."),
        NpgsqlException { InnerException: SocketException unreachable } => OfSocket(unreachable),
        SocketException unreachable => OfSocket(unreachable),
        NpgsqlException { InnerException: System.Security.Authentication.AuthenticationException } => new(
            "has a TLS certificate that does not pass the check DATABASE_URL asks for",
            "Use sslmode=require, or give the right root certificate with sslrootcert."),
        NpgsqlException when error.Message.Contains("SSL", StringComparison.Ordinal) => new(
            "does not speak TLS", "For a database without TLS add ?sslmode=disable to DATABASE_URL."),
        _ => new($"failed with {error.GetType().Name}", "See whether it is up: heroku pg:info."),
    };

    private static DatabaseProblem OfRefusal(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new(
            $"refuses the user or password ({refusal.SqlState})", "On Heroku restart the app to take up rotated credentials; elsewhere correct DATABASE_URL."),
        PostgresErrorCodes.InvalidCatalogName => new(
            "does not exist on its server (3D000)", "Correct the database name at the end of DATABASE_URL, or create it."),
        PostgresErrorCodes.TooManyConnections => new(
            "has no connection left (53300)", "See who holds them: heroku pg:ps. Scale down or take a larger plan."),
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => new(
            $"is starting or stopping ({refusal.SqlState})", "Wait until it is up."),
        _ => new($"answered with an error ({refusal.SqlState})", "Look up that code in PostgreSQL's Appendix A."),
    };

    private static DatabaseProblem OfSocket(SocketException unreachable) => unreachable.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(
            "has a host name that is not known", "Correct the host in DATABASE_URL."),
        SocketError.ConnectionRefused => new(
            "refuses connections: nothing listens at that host and port", "Start the database, or correct DATABASE_URL."),
        _ => new($"cannot be reached ({unreachable.SocketErrorCode})", "See whether it is up: heroku pg:info."),
    };
}
