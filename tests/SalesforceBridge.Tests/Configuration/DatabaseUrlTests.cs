using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Configuration;

public sealed class DatabaseUrlTests
{
    [Fact]
    public void A_session_is_reset_between_two_users_whatever_the_URL_says() =>
        new NpgsqlConnectionStringBuilder(ConfigVars.Fresh.With("DATABASE_URL", "postgres://u:p@h/d?No_Reset_On_Close=true").Read().Database.ConnectionString(ProcessRole.Worker))
            .NoResetOnClose.ShouldBeFalse();

    [Fact]
    public void Every_part_of_the_URL_is_taken_over()
    {
        NpgsqlConnectionStringBuilder connection = Parse("postgres://u4k:p7q@ec2-1.compute.amazonaws.com:5433/d9x");

        connection.Host.ShouldBe("ec2-1.compute.amazonaws.com");
        connection.Port.ShouldBe(5433);
        connection.Username.ShouldBe("u4k");
        connection.Password.ShouldBe("p7q");
        connection.Database.ShouldBe("d9x");
    }

    [Fact]
    public void User_password_and_database_are_percent_decoded()
    {
        NpgsqlConnectionStringBuilder connection = Parse("postgresql://us%40er:p%3A%2F%3F%23%5B%5D%40%25+%3B'%22x@db.example.com/my%20orders");

        connection.Username.ShouldBe("us@er");
        connection.Password.ShouldBe("p:/?#[]@%+;'\"x");
        connection.Database.ShouldBe("my orders");
        connection.Port.ShouldBe(5432);
    }

    [Theory]
    [InlineData("postgres://u:p@db.example.com/d", SslMode.Require)]
    [InlineData("postgres://u:p@10.0.0.7/d", SslMode.Require)]
    [InlineData("postgres://u:p@localhost/d", SslMode.Prefer)]
    [InlineData("postgres://u:p@127.0.0.1/d", SslMode.Prefer)]
    [InlineData("postgres://u:p@[::1]:5433/d", SslMode.Prefer)]
    [InlineData("postgres://u:p@localhost/d?sslmode=require", SslMode.Require)]
    [InlineData("postgres://u:p@db.example.com/d?sslmode=disable", SslMode.Disable)]
    [InlineData("postgres://u:p@db.example.com/d?sslmode=verify-full", SslMode.VerifyFull)]
    public void TLS_is_required_of_all_but_this_machine_unless_the_URL_says_otherwise(string url, SslMode mode)
    {
        Parse(url).SslMode.ShouldBe(mode);
    }

    [Fact]
    public void Parameters_may_have_the_names_of_libpq_or_of_Npgsql()
    {
        NpgsqlConnectionStringBuilder connection =
            Parse("postgres://u:p@db/d?connect_timeout=7&target_session_attrs=read-write&Keepalive=30&command_timeout=9");

        connection.Timeout.ShouldBe(7);
        connection.TargetSessionAttributes.ShouldBe("read-write");
        connection.KeepAlive.ShouldBe(30);
        connection.CommandTimeout.ShouldBe(9);
    }

    [Theory]
    [InlineData("postgres://u:hunter2@db", "without a database name")]
    [InlineData("postgres:///d", "without a host")]
    [InlineData("Host=db;Password=hunter2", "not a postgres:// URL")]
    [InlineData("postgres://u:hunter2@db:port/d", "not a postgres:// URL")]
    [InlineData("postgres://u:hunter2@db/d?sslmode=hunter2", "with a parameter that cannot be used: sslmode")]
    [InlineData("postgres://u:hunter2@db/d?colour=hunter2", "with a parameter that cannot be used: colour")]
    public void What_cannot_be_read_is_said_without_the_password(string url, string why)
    {
        string refusal = ConfigVars.Fresh.With("DATABASE_URL", url).Refusal();

        refusal.ShouldContain($"DATABASE_URL is **** (hidden), {why}. Use the form");
        refusal.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("", 2, 3, 5)]
    [InlineData("?Maximum%20Pool%20Size=9", 9, 9, 9)]
    [InlineData("?maximum_pool_size=4", 4, 4, 4)]
    public void A_pool_is_as_small_as_its_process_allows_unless_the_URL_says_otherwise(string query, int web, int worker, int all)
    {
        DatabaseSettings database = ConfigVars.Fresh.With("DATABASE_URL", $"postgres://u:p@db/d{query}").Read().Database;

        PoolOf(database, ProcessRole.Web).ShouldBe(web);
        PoolOf(database, ProcessRole.Worker).ShouldBe(worker);
        PoolOf(database, ProcessRole.All).ShouldBe(all);
    }

    [Fact]
    public void Connections_name_their_dyno()
    {
        DatabaseSettings database = ConfigVars.Fresh.With("DYNO", "worker.1").Read().Database;

        new NpgsqlConnectionStringBuilder(database.ConnectionString(ProcessRole.Worker)).ApplicationName.ShouldBe("bridge worker.1");
    }

    private static NpgsqlConnectionStringBuilder Parse(string url) => new(DatabaseUrl.Parse(url).ConnectionString.Reveal());

    private static int PoolOf(DatabaseSettings database, ProcessRole role) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString(role)).MaxPoolSize;
}
