using System.Security.Cryptography;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>Config vars for a test, to begin from and to change.</summary>
internal sealed class ConfigVars : Dictionary<string, string>
{
    public ConfigVars()
    {
    }

    public ConfigVars(ConfigVars others)
        : base(others)
    {
    }

    /// <summary>A private key as openssl writes it.</summary>
    public static string PrivateKey { get; } = MakeKey(2048);

    /// <summary>As the Deploy button leaves an app.</summary>
    public static ConfigVars Fresh => new()
    {
        ["DATABASE_URL"] = "postgres://bridge:pass@db.example.com:5432/orders",
        ["SALESFORCE_LOGIN_URL"] = "https://login.salesforce.com",
    };

    /// <summary>Complete, with a key.</summary>
    public static ConfigVars Complete => Fresh
        .With("SALESFORCE_CLIENT_ID", "3MVG9consumer")
        .With("SALESFORCE_USERNAME", "bridge@example.com")
        .With("SALESFORCE_JWT_PRIVATE_KEY", PrivateKey);

    public ConfigVars With(string name, string value)
    {
        this[name] = value;
        return this;
    }

    /// <summary>The settings; fails the test where there are faults.</summary>
    public BridgeSettings Read() =>
        BridgeSettings.Read(this).ShouldBeOfType<Reading<BridgeSettings>.Valid>().Settings;

    /// <summary>The refusal; fails the test where there are no faults.</summary>
    public string Refusal() =>
        BridgeSettings.Read(this).ShouldBeOfType<Reading<BridgeSettings>.Invalid>().Refusal;

    public static string MakeKey(int bits)
    {
        using RSA key = RSA.Create(bits);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
