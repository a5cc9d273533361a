using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>The tabs of an org and the colours and icons of its objects. The pictures that they name are nowhere.</summary>
internal sealed class TabEndpoints(Org org)
{
    private const string Color = "1589ee";
    private const string Theme = "theme4";

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tabs", () => JsonReply.Ok(Screen.Objects(org.Schema).Select(Tab))).Is(ApiCallKind.Describe);
        api.MapGet("/theme", () => JsonReply.Ok(new { themeItems = Screen.Objects(org.Schema).Select(ThemeItem) })).Is(ApiCallKind.Describe);
    }

    private object Tab(ObjectType type) => new
    {
        colors = Colors,
        custom = type.IsCustom,
        iconUrl = Icon(type, 32),
        icons = Icons(type),
        label = $"{type.Label}s",
        miniIconUrl = Icon(type, 16),
        name = type.IsCustom ? type.Name : $"standard-{type.Name}",
        sobjectName = type.Name,
        url = $"{Instance}/{type.KeyPrefix}/o",
    };

    private object ThemeItem(ObjectType type) => new { colors = Colors, icons = Icons(type), name = type.Name };

    private static object[] Colors => [new { color = Color, context = "primary", theme = Theme }];

    private object[] Icons(ObjectType type) => [new { contentType = "image/png", height = 32, theme = Theme, url = Icon(type, 32), width = 32 }];

    private string Icon(ObjectType type, int size) => $"{Instance}/img/icon/{type.Name.ToLowerInvariant()}_{size}.png";

    private string Instance => org.Address.Instance.ToString().TrimEnd('/');
}
