using SalesforceBridge.Configuration;

namespace SalesforceBridge.HerokuConnect;

/// <summary>What Heroku Connect's own API wants to know. The add-on sets no key of its own: it takes one of a Heroku user.</summary>
/// <param name="Key">A Heroku token.</param>
/// <param name="AppName">The app that the add-on belongs to; null where Heroku does not tell it.</param>
internal sealed record HerokuConnectSettings(Secret Key, string? AppName)
{
    /// <summary>The settings; null where no key is set, and then nobody asks.</summary>
    public static HerokuConnectSettings? Read(ConfigVarReader variables) =>
        variables.Secret(ConfigVar.HerokuApiKey) is { } key ? new HerokuConnectSettings(key, DynoMetadata.Read(variables).AppName) : null;
}
