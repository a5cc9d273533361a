namespace SalesforceBridge.Simulator.Rest;

/// <summary>Lets a call write the objects of a managed package without their prefix in paths (<c>Sforce-Call-Options: defaultNamespace=acme</c>).</summary>
internal sealed class DefaultNamespace(Org org)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.CallOption("defaultNamespace") is { } prefix
            && context.GetRouteValue("type") is string name && org.Schema.Find(name) is null && org.Schema.Find($"{prefix}__{name}") is { } type)
        {
            context.Request.RouteValues["type"] = type.Name;
        }
        return next(context);
    }
}
