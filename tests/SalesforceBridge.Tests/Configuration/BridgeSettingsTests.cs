using Microsoft.Extensions.Logging;
using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Configuration;

public sealed class BridgeSettingsTests
{
    [Fact]
    public void What_is_not_set_has_a_default()
    {
        BridgeSettings settings = ConfigVars.Complete.Read();

        settings.Port.ShouldBe(5000);
        settings.RoutesFolder.ShouldBe("sql/routes");
        settings.Retention.ShouldBe(TimeSpan.FromDays(7));
        settings.Storage.ShouldBe(400L * 1024 * 1024);
        settings.ApiBudget.ShouldBe(new ApiBudget.Share(80));
        settings.CalloutSecrets.ShouldBeEmpty();
        settings.EncryptionKey.ShouldBeNull();
        settings.ConsolePassword.ShouldBeNull();
        settings.TelemetryEndpoint.ShouldBeNull();
        settings.Log.ShouldBe(new LogSettings(LogFormat.Logfmt, LogLevel.Information));
        settings.Database.Schema.ShouldBe("bridge");
        settings.Org.LoginUrl.ShouldBe(new Uri("https://login.salesforce.com"));
        settings.Org.ApiVersion.ShouldBe("62.0");
        settings.Org.OrgId.ShouldBeNull();
        settings.Dyno.IsBehindRouter.ShouldBeFalse();
    }

    [Fact]
    public void Every_fault_is_listed_at_once_with_its_cure_and_without_a_secret()
    {
        ConfigVars vars = new ConfigVars()
            .With("DATABASE_URL", "mysql://root:hunter2hunter2@db/orders")
            .With("PORT", "eighty")
            .With("SALESFORCE_LOGIN_URL", "http://login.salesforce.com")
            .With("SALESFORCE_INSTANCE_URL", "https://me:hunter2hunter2@org.my.salesforce.com?sid=1")
            .With("SALESFORCE_CLIENT_ID", "3MVG9consumer")
            .With("SALESFORCE_USERNAME", "bridge@example.com")
            .With("SALESFORCE_JWT_PRIVATE_KEY", "hunter2hunter2")
            .With("SALESFORCE_API_VERSION", "30.0")
            .With("SALESFORCE_ORG_ID", "001D000000")
            .With("BRIDGE_ROUTES", "no/such/folder")
            .With("BRIDGE_SCHEMA", "pg_mine")
            .With("BRIDGE_CALLOUT_SECRETS", "hunter2,0123456789abcdef")
            .With("BRIDGE_ENCRYPTION_KEY", "hunter2")
            .With("BRIDGE_CONSOLE_PASSWORD", "hunter2")
            .With("BRIDGE_RETENTION", "a week")
            .With("BRIDGE_STORAGE", "400")
            .With("BRIDGE_API_BUDGET", "120%")
            .With("BRIDGE_PROCESS", "worker")
            .With("LOG_FORMAT", "xml")
            .With("LOG_LEVEL", "loud\nat=info msg=forged")
            .With("OTEL_EXPORTER_OTLP_ENDPOINT", "collector");

        vars.Refusal().ShouldBe("""
            SalesforceBridge was not started: 19 config vars cannot be used.
              BRIDGE_PROCESS is 'worker', not a kind of process. Set all to run everything in the web dyno, or web; not set it is web.
              DATABASE_URL is **** (hidden), not a postgres:// URL. Use the form postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters percent-encoded.
              BRIDGE_SCHEMA is 'pg_mine', not a schema name the bridge can own. Set a name of lower case letters, digits and underscores that no part of Postgres uses (not pg_..., not information_schema).
              SALESFORCE_LOGIN_URL is 'http://login.salesforce.com', not an https address without user, query or fragment. Set https://login.salesforce.com, https://test.salesforce.com or your My Domain, https://YOUR-ORG.my.salesforce.com.
              SALESFORCE_INSTANCE_URL is **** (hidden), not an https address without user, query or fragment. Set https://login.salesforce.com, https://test.salesforce.com or your My Domain, https://YOUR-ORG.my.salesforce.com.
              SALESFORCE_API_VERSION is '30.0', not an API version from 31.0 on. Set one your org serves, like 62.0; not set it is 62.0.
              SALESFORCE_ORG_ID is '001D000000', not an org id. Set the 15 or 18 characters that Setup, Company Information shows; they begin with 00D.
              SALESFORCE_JWT_PRIVATE_KEY is **** (hidden), not an RSA private key of 2048 bits or more without a passphrase. Set the PEM file's text, with its line breaks, with \n for them, or in base64: heroku config:set SALESFORCE_JWT_PRIVATE_KEY="$(cat server.key)"
              PORT is 'eighty', not a port. Set a number from 0 to 65535; Heroku sets it by itself.
              BRIDGE_ROUTES is 'no/such/folder', not a folder that exists. Set a path from the app's root; not set it is sql/routes.
              BRIDGE_CALLOUT_SECRETS has a secret of fewer than 16 characters. Set longer ones, separated by commas, like: openssl rand -hex 32
              BRIDGE_ENCRYPTION_KEY has fewer than 16 characters. Set a longer one, like: openssl rand -hex 32
              BRIDGE_CONSOLE_PASSWORD has fewer than 16 characters. Set a longer one, like: openssl rand -hex 32
              BRIDGE_RETENTION is 'a week', not a time from 1h to 3650d. Set a number with s, m, h or d, like 7d; not set it is 7d.
              BRIDGE_STORAGE is '400', not a size from 1MB on. Set a number with MB, GB or TB, like 400MB; not set it is 400MB.
              BRIDGE_API_BUDGET is '120%', not a share or a number of requests. Set a share of the org's daily limit, like 50%, or requests a day, like 20000; not set it is 80%.
              LOG_FORMAT is 'xml', not a log format. Set logfmt, json or text; not set it is logfmt.
              LOG_LEVEL is 'loud?at=info msg=forged', not a log level. Set debug, info, warn or error; not set it is info.
              OTEL_EXPORTER_OTLP_ENDPOINT is 'collector', not an http or https address. Set the address of an OTLP collector.
            """);
    }

    [Fact]
    public void No_database_is_a_fault()
    {
        new ConfigVars().Refusal().ShouldBe("""
            SalesforceBridge was not started: 1 config var cannot be used.
              DATABASE_URL is not set. Add a database: heroku addons:create heroku-postgresql:essential-0
            """);
    }

    [Fact]
    public void Blanks_around_a_value_do_not_count_and_an_empty_value_is_not_set()
    {
        BridgeSettings settings = ConfigVars.Complete.With("PORT", " 8080\n").With("BRIDGE_RETENTION", "  ").Read();

        settings.Port.ShouldBe(8080);
        settings.Retention.ShouldBe(TimeSpan.FromDays(7));
    }

    [Theory]
    [InlineData("90m", 1.5)]
    [InlineData("12h", 12)]
    [InlineData("7d", 168)]
    public void Retention_is_a_number_with_its_unit(string text, double hours)
    {
        ConfigVars.Complete.With("BRIDGE_RETENTION", text).Read().Retention.ShouldBe(TimeSpan.FromHours(hours));
    }

    [Theory]
    [InlineData("400MB", 400L << 20)]
    [InlineData("1gb", 1L << 30)]
    [InlineData("1.5 GB", 3L << 29)]
    [InlineData("2TB", 2L << 40)]
    public void Storage_is_counted_as_Postgres_counts(string text, long bytes)
    {
        ConfigVars.Complete.With("BRIDGE_STORAGE", text).Read().Storage.ShouldBe(bytes);
    }

    [Fact]
    public void A_short_retention_is_a_fault_only_while_a_stream_source_exists()
    {
        BridgeSettings settings = ConfigVars.Complete.With("BRIDGE_RETENTION", "60h").Read();

        settings.CheckRetention(hasStreamSource: false).ShouldBeNull();
        settings.CheckRetention(hasStreamSource: true)!.ToString().ShouldBe(
            "BRIDGE_RETENTION is 2.5 days, too short while a route listens to the org's events. " +
            "Set 4d or more: the org sends events of the last three days again, and only kept messages tell which are known.");
        ConfigVars.Complete.With("BRIDGE_RETENTION", "4d").Read().CheckRetention(hasStreamSource: true).ShouldBeNull();
    }

    [Fact]
    public void Several_callout_secrets_hold_while_one_replaces_another()
    {
        ConfigVars.Complete.With("BRIDGE_CALLOUT_SECRETS", "0123456789abcdef, fedcba9876543210,").Read()
            .CalloutSecrets.Select(secret => secret.Reveal()).ShouldBe(["0123456789abcdef", "fedcba9876543210"]);
    }

    [Fact]
    public void Callout_secrets_have_names_and_a_bare_one_is_the_default()
    {
        CalloutSettings callouts = ConfigVars.Complete
            .With("BRIDGE_CALLOUT_SECRETS", "mes=0123456789abcdef\nerp = fedcba9876543210\n MDEyMzQ1Njc4OWFiY2Q=\nmes=MDEyMzQ1Njc4OWFiY2Q==").Read().Callouts;

        callouts.Secrets.Select(secret => $"{secret.Name}: {secret.Value.Reveal()}").ShouldBe(
            ["mes: 0123456789abcdef", "erp: fedcba9876543210", "default: MDEyMzQ1Njc4OWFiY2Q=", "mes: MDEyMzQ1Njc4OWFiY2Q=="]);
        callouts.LargestBody.ShouldBe(12 << 20);
        ConfigVars.Complete.With("BRIDGE_CALLOUT_SECRETS", "mes=tooshort1234567").Refusal().ShouldNotContain("tooshort");
    }

    [Fact]
    public void What_narrows_callers_is_checked_at_the_start()
    {
        string refusal = ConfigVars.Complete
            .With("BRIDGE_CALLOUT_CERTIFICATES", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----").With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14,everywhere")
            .With("BRIDGE_LARGEST_CALLOUT", "1GB").Refusal();

        refusal.ShouldContain("not certificates in PEM with RSA keys of 2048 bits or more. Set what Setup, Certificate and Key Management, downloads");
        refusal.ShouldContain("BRIDGE_TRUSTED_RANGES is '13.108.0.0/14,everywhere', not address ranges. Set ranges like 13.108.0.0/14,2620:10a::/32");
        refusal.ShouldContain("BRIDGE_LARGEST_CALLOUT is '1GB', not a size from 1MB to 64MB.");
    }

    [Fact]
    public void The_api_budget_is_a_share_or_a_number()
    {
        ConfigVars.Complete.With("BRIDGE_API_BUDGET", "50%").Read().ApiBudget.ShouldBe(new ApiBudget.Share(50));
        ConfigVars.Complete.With("BRIDGE_API_BUDGET", "20000").Read().ApiBudget.ShouldBe(new ApiBudget.Requests(20_000));
    }

    [Fact]
    public void Settings_do_not_print_secrets()
    {
        ConfigVars vars = ConfigVars.Complete
            .With("BRIDGE_CALLOUT_SECRETS", "hidden-callout-secret").With("BRIDGE_ENCRYPTION_KEY", "hidden-encryption-key")
            .With("BRIDGE_CONSOLE_PASSWORD", "hidden-console-password").With("DATABASE_URL", "postgres://bridge:hidden@db.example.com/orders");

        string printed = vars.Read().ToString();

        printed.ShouldContain("db.example.com:5432/orders");
        printed.ShouldNotContain("hidden");
        printed.ShouldNotContain("PRIVATE KEY");
    }

    [Fact]
    public void Migrate_reads_the_database_only()
    {
        ConfigVars vars = ConfigVars.Fresh.With("PORT", "eighty").With("BRIDGE_SCHEMA", "orders_bridge").With("SALESFORCE_API_VERSION", "x");

        DatabaseSettings.Read(vars).ShouldBeOfType<Reading<DatabaseSettings>.Valid>().Settings.Schema.ShouldBe("orders_bridge");
    }
}
