namespace SalesforceBridge.Configuration;

/// <summary>Where on Heroku this process runs; everything is <c>null</c> elsewhere.</summary>
/// <param name="Dyno"><c>web.1</c>; not unique while a deploy is under way.</param>
/// <param name="AppName">Known with the feature <c>runtime-dyno-metadata</c>, like what follows.</param>
/// <param name="Release"><c>v42</c>.</param>
/// <param name="Commit">The commit the slug was built from.</param>
/// <param name="Domain">The app's own address, <c>orders-0123456789ab.herokuapp.com</c>.</param>
internal sealed record DynoMetadata(string? Dyno, string? AppName, string? Release, string? Commit, string? Domain)
{
    /// <summary>On Heroku a router stands before us, and only it can reach us.</summary>
    public bool IsBehindRouter => Dyno is not null;

    public static DynoMetadata Read(ConfigVarReader variables) => new(
        variables.Text("DYNO"),
        variables.Text("HEROKU_APP_NAME"),
        variables.Text("HEROKU_RELEASE_VERSION"),
        variables.Text("HEROKU_SLUG_COMMIT"),
        variables.Text("HEROKU_APP_DEFAULT_DOMAIN_NAME"));
}
