using System.Security.Cryptography;
using System.Text;
using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Configuration;

public sealed class OrgCredentialsTests
{
    [Fact]
    public void A_key_leads_to_the_JWT_bearer_flow_whatever_else_is_set()
    {
        ConfigVars vars = ConfigVars.Complete.With("SALESFORCE_CLIENT_SECRET", "secret").With("SALESFORCE_PASSWORD", "pass");

        OrgCredentials.JwtBearer bearer = CredentialsOf<OrgCredentials.JwtBearer>(vars);

        bearer.ConsumerKey.ShouldBe("3MVG9consumer");
        bearer.Username.ShouldBe("bridge@example.com");
        bearer.PrivateKeyPem.Reveal().ShouldBe(ConfigVars.PrivateKey);
    }

    [Fact]
    public void A_secret_alone_leads_to_the_client_credentials_flow()
    {
        ConfigVars vars = ConfigVars.Fresh
            .With("SALESFORCE_LOGIN_URL", "https://acme.my.salesforce.com/")
            .With("SALESFORCE_CLIENT_ID", "3MVG9consumer").With("SALESFORCE_CLIENT_SECRET", "secret");

        CredentialsOf<OrgCredentials.ClientCredentials>(vars).ConsumerSecret.Reveal().ShouldBe("secret");
    }

    [Fact]
    public void A_refresh_token_is_refreshed_with_or_without_a_secret()
    {
        ConfigVars vars = ConfigVars.Fresh.With("SALESFORCE_CLIENT_ID", "3MVG9consumer").With("SALESFORCE_REFRESH_TOKEN", "5Aep");

        CredentialsOf<OrgCredentials.RefreshToken>(vars).ConsumerSecret.ShouldBeNull();
        CredentialsOf<OrgCredentials.RefreshToken>(vars.With("SALESFORCE_CLIENT_SECRET", "secret")).Token.Reveal().ShouldBe("5Aep");
    }

    [Fact]
    public void An_access_token_is_used_as_it_is_with_a_warning()
    {
        ConfigVars vars = ConfigVars.Fresh
            .With("SALESFORCE_ACCESS_TOKEN", "00Dxx!AQ").With("SALESFORCE_INSTANCE_URL", "https://acme.my.salesforce.com");

        CredentialsOf<OrgCredentials.GivenToken>(vars).InstanceUrl.ShouldBe(new Uri("https://acme.my.salesforce.com"));
        vars.Read().Org.Warnings.ShouldHaveSingleItem().ShouldContain("cannot be renewed");
    }

    [Fact]
    public void User_and_password_are_the_legacy_flow_with_a_warning()
    {
        ConfigVars vars = ConfigVars.Fresh
            .With("SALESFORCE_CLIENT_ID", "3MVG9consumer").With("SALESFORCE_CLIENT_SECRET", "secret")
            .With("SALESFORCE_USERNAME", "bridge@example.com").With("SALESFORCE_PASSWORD", "pass");

        CredentialsOf<OrgCredentials.UsernamePassword>(vars).Password.Reveal().ShouldBe("pass");
        vars.Read().Org.Warnings.ShouldHaveSingleItem().ShouldContain("legacy");
    }

    [Fact]
    public void A_fresh_app_lacks_credentials_and_knows_two_ways_to_them()
    {
        OrgCredentials.Missing missing = CredentialsOf<OrgCredentials.Missing>(ConfigVars.Fresh);

        missing.Ways.Select(NamesIn).ShouldBe(
        [
            "SALESFORCE_CLIENT_ID SALESFORCE_USERNAME SALESFORCE_JWT_PRIVATE_KEY",
            "SALESFORCE_LOGIN_URL SALESFORCE_CLIENT_ID SALESFORCE_CLIENT_SECRET",
        ]);
    }

    [Theory]
    [InlineData("SALESFORCE_JWT_PRIVATE_KEY", "SALESFORCE_CLIENT_ID SALESFORCE_USERNAME")]
    [InlineData("SALESFORCE_REFRESH_TOKEN", "SALESFORCE_CLIENT_ID")]
    [InlineData("SALESFORCE_ACCESS_TOKEN", "SALESFORCE_INSTANCE_URL")]
    [InlineData("SALESFORCE_PASSWORD", "SALESFORCE_CLIENT_ID SALESFORCE_CLIENT_SECRET SALESFORCE_USERNAME")]
    [InlineData("SALESFORCE_CLIENT_SECRET", "SALESFORCE_LOGIN_URL SALESFORCE_CLIENT_ID")]
    public void A_way_half_gone_names_only_what_it_still_lacks(string begun, string lacking)
    {
        ConfigVars vars = ConfigVars.Fresh.With(begun, ConfigVars.PrivateKey);

        CredentialsOf<OrgCredentials.Missing>(vars).Ways.ShouldHaveSingleItem().ShouldSatisfyAllConditions(way => NamesIn(way).ShouldBe(lacking));
    }

    [Fact]
    public void A_private_key_may_have_its_line_breaks_escaped_or_be_in_base64()
    {
        string[] forms =
        [
            ConfigVars.PrivateKey.Replace("\n", "\\n"),
            ConfigVars.PrivateKey.Replace("\n", "\\r\\n"),
            ConfigVars.PrivateKey.Replace("\n", "\r\n"),
            Convert.ToBase64String(Encoding.ASCII.GetBytes(ConfigVars.PrivateKey), Base64FormattingOptions.InsertLineBreaks),
        ];

        foreach (string form in forms)
        {
            OrgCredentials.JwtBearer bearer = CredentialsOf<OrgCredentials.JwtBearer>(ConfigVars.Complete.With("SALESFORCE_JWT_PRIVATE_KEY", form));
            bearer.PrivateKeyPem.Reveal().ShouldBe(ConfigVars.PrivateKey);
        }
    }

    [Fact]
    public void Only_an_open_private_key_of_2048_bits_is_one()
    {
        using RSA key = RSA.Create(2048);
        var passphrase = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        string[] wrong =
        [
            ConfigVars.MakeKey(1024), key.ExportSubjectPublicKeyInfoPem(), key.ExportEncryptedPkcs8PrivateKeyPem("pass", passphrase), "MIIE",
        ];

        foreach (string text in wrong)
        {
            ConfigVars.Complete.With("SALESFORCE_JWT_PRIVATE_KEY", text).Refusal()
                .ShouldContain("SALESFORCE_JWT_PRIVATE_KEY is **** (hidden), not an RSA private key of 2048 bits or more without a passphrase.");
        }
    }

    [Theory]
    [InlineData("62", "62.0")]
    [InlineData("v64.0", "64.0")]
    [InlineData("31.0", "31.0")]
    public void The_api_version_is_written_one_way(string text, string version)
    {
        ConfigVars.Complete.With("SALESFORCE_API_VERSION", text).Read().Org.ApiVersion.ShouldBe(version);
    }

    [Fact]
    public void A_simulated_org_on_this_machine_needs_no_TLS()
    {
        ConfigVars.Complete.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:8080").Read().Org.LoginUrl.Port.ShouldBe(8080);
    }

    private static T CredentialsOf<T>(ConfigVars vars) => vars.Read().Org.Credentials.ShouldBeOfType<T>();

    private static string NamesIn(WayToSignIn way) => string.Join(' ', way.Vars.Select(missing => missing.Variable));
}
