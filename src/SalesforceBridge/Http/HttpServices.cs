using SalesforceBridge.Configuration;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Http.Callouts;
using SalesforceBridge.Http.OpenApi;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http;

/// <summary>What takes requests in.</summary>
internal static class HttpServices
{
    public static void AddIntake(this IServiceCollection services, BridgeSettings settings)
    {
        services.AddSingleton(settings.Callouts);
        services.AddSingleton(new IntakeLimits());
        services.AddSingleton<SpareConnection>();
        services.AddSingleton<Intake>();
        services.AddSingleton(new RequestLimits());
        services.AddSingleton<BodyRoom>();
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<CallerGate>();
        services.AddSingleton<OrgSessions>();
        services.AddSingleton<CallerSessions>();
        services.AddSingleton<CallerProof>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<CalloutNames>();
        services.AddSingleton<CalloutReader>();
        services.AddSingleton<Replies>();
        services.AddSingleton<ReplyAnswers>();
        services.AddSingleton<CalloutEndpoint>();
        services.AddSingleton<OpenApiEndpoint>();
        services.AddSingleton<OutboundMessageBodies>();
        services.AddSingleton<OutboundMessageSenders>();
        services.AddSingleton<OutboundMessageEndpoint>();
        services.AddHostedService<IntakeService>();
    }

    public static void MapCallouts(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/callouts/{name}", endpoints.ServiceProvider.GetRequiredService<CalloutEndpoint>().AnswerAsync);
        endpoints.MapGet("/openapi.json", endpoints.ServiceProvider.GetRequiredService<OpenApiEndpoint>().AnswerAsync);
        endpoints.MapPost("/oauth/token", endpoints.ServiceProvider.GetRequiredService<TokenEndpoint>().AnswerAsync);
    }

    public static void MapOutboundMessages(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost($"{OutboundMessageEndpoint.Path}{{token?}}", endpoints.ServiceProvider.GetRequiredService<OutboundMessageEndpoint>().AnswerAsync);
}
