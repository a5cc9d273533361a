using System.Text.Json;
using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Deployment;

/// <summary>Heroku refuses an app.json with a field it does not know.</summary>
public sealed class AppJsonTests
{
    private static readonly JsonElement App = JsonElement.Parse(File.ReadAllText(Repository.PathOf("app.json")));

    [Fact]
    public void It_has_only_fields_that_Heroku_knows()
    {
        NamesIn(App).ShouldBeSubsetOf(
        [
            "name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env", "formation", "addons",
            "buildpacks", "environments", "stack", "image",
        ]);
        NamesIn(App.GetProperty("environments")).ShouldBeSubsetOf(["test", "review", "production"]);
        App.GetProperty("environments").EnumerateObject().SelectMany(environment => NamesIn(environment.Value))
            .ShouldBeSubsetOf(["env", "formation", "addons", "buildpacks", "scripts"]);
        App.GetProperty("env").EnumerateObject().SelectMany(variable => NamesIn(variable.Value))
            .ShouldBeSubsetOf(["description", "value", "required", "generator"]);
        App.GetProperty("addons").EnumerateArray().SelectMany(NamesIn).ShouldBeSubsetOf(["plan", "as", "options"]);
        App.GetProperty("buildpacks").EnumerateArray().SelectMany(NamesIn).ShouldBe(["url"]);
        App.GetProperty("formation").EnumerateObject().SelectMany(dyno => NamesIn(dyno.Value)).ShouldBeSubsetOf(["quantity", "size"]);
    }

    [Fact]
    public void Its_formation_is_that_of_the_Procfile()
    {
        string[] dynos = [.. Dyno.Procfile.Keys.Where(type => type != "release")];

        NamesIn(App.GetProperty("formation")).ShouldBe(dynos, ignoreOrder: true);
        NamesIn(App.GetProperty("environments").GetProperty("review").GetProperty("formation")).ShouldBe(dynos, ignoreOrder: true);
    }

    [Fact]
    public void Every_config_var_it_sets_is_one_that_the_bridge_reads_and_is_described()
    {
        NamesIn(App.GetProperty("env")).ShouldBeSubsetOf(ConfigVar.All.Select(variable => variable.Name));
        App.GetProperty("env").EnumerateObject().ShouldAllBe(variable => variable.Value.GetProperty("description").GetString()!.Length > 10);
    }

    [Fact]
    public void Only_secrets_are_generated()
    {
        App.GetProperty("env").EnumerateObject().Where(variable => variable.Value.TryGetProperty("generator", out _))
            .Select(variable => variable.Name)
            .ShouldBeSubsetOf(ConfigVar.All.Where(variable => variable.IsSecret).Select(variable => variable.Name));
    }

    [Fact]
    public void Its_values_are_text_as_Heroku_wants_them()
    {
        App.GetProperty("name").GetString()!.Length.ShouldBeLessThanOrEqualTo(300);
        App.GetProperty("env").EnumerateObject().Where(variable => variable.Value.TryGetProperty("value", out _))
            .ShouldAllBe(variable => variable.Value.GetProperty("value").ValueKind == JsonValueKind.String);
    }

    private static IEnumerable<string> NamesIn(JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
