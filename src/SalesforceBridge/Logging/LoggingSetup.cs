using SalesforceBridge.Configuration;

namespace SalesforceBridge.Logging;

/// <summary>Puts the one-line logger in the place of all others.</summary>
internal static class LoggingSetup
{
    // Chatty libraries: their warnings matter, the rest only to who asks for debug.
    private static readonly string[] Libraries = ["Microsoft", "System", "Npgsql", "Quartz"];

    // They tell what was asked for, in lines of their own or in those of everybody else, and a path may hold a token.
    private static readonly string[] Tellers =
        ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"];

    public static void UseLines(this ILoggingBuilder logging, LogSettings settings, Stream? output = null)
    {
        logging.ClearProviders();
        logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.None);
        logging.SetMinimumLevel(settings.Level);
        if (settings.Level == LogLevel.Information)
            Array.ForEach(Libraries, library => logging.AddFilter(library, LogLevel.Warning));
        Array.ForEach(Tellers, teller => logging.AddFilter(teller, LogLevel.None));
        logging.AddProvider(new LineLoggerProvider(settings.Format, output ?? Console.OpenStandardOutput()));
    }
}
