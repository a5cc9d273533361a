using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using SalesforceBridge.Budget;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Work;

namespace SalesforceBridge.Commands;

/// <summary>One command at work: its arguments, where it prints, and the bridge's parts, made when it asks for them.</summary>
internal sealed class CommandSession : IAsyncDisposable
{
    private static readonly TimeSpan LongestNote = TimeSpan.FromSeconds(5);

    private readonly ParseResult _arguments;
    private readonly CommandContext _context;
    private readonly ServiceProvider _parts;
    private int? _version;

    public CommandSession(BridgeSettings settings, ParseResult arguments, CommandContext context)
    {
        (Settings, _arguments, _context) = (settings, arguments, context);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(settings.Database.ConnectionString(ProcessRole.Command)));
        services.AddMiddle(settings);
        services.AddRoutes(settings);
        if (settings.Org.Credentials is not OrgCredentials.Missing)
            services.AddOrgOfCommands(settings);
        context.Change?.Invoke(services);
        _parts = services.BuildServiceProvider();
    }

    public BridgeSettings Settings { get; }

    public TextWriter Output => _arguments.InvocationConfiguration.Output;

    /// <summary>For what is no result.</summary>
    public TextWriter Errors => _arguments.InvocationConfiguration.Error;

    public bool WantsJson => _arguments.GetValue(_context.Json);

    public RouteSet Routes => _parts.GetRequiredService<RouteSet>();

    public TimeProvider Time => _parts.GetRequiredService<TimeProvider>();

    public ApiPace Pace => _parts.GetRequiredService<ApiPace>();

    public bool HasCredentials => Settings.Org.Credentials is not OrgCredentials.Missing;

    /// <summary>The org.</summary>
    /// <exception cref="RefusedException">Credentials are missing.</exception>
    public SalesforceClient Org => Settings.Org.Credentials is OrgCredentials.Missing missing
        ? throw new RefusedException($"There are no credentials for the org. {OrgSetup.Describe(missing)}. See `bridge doctor`.")
        : _parts.GetRequiredService<OrgCalls>().For(ApiCaller.Command(_arguments.CommandResult.Command.Name));

    public T? Value<T>(Option<T> option) => _arguments.GetValue(option);

    /// <summary>An argument that may be left out.</summary>
    public string? ValueIfGiven(Argument<string?> argument) => _arguments.GetValue(argument);

    public T Value<T>(Argument<T> argument) => _arguments.GetRequiredValue(argument);

    /// <summary>A part that needs none of the bridge's tables, or knows how to do without.</summary>
    public T Part<T>()
        where T : notnull => _parts.GetRequiredService<T>();

    /// <summary>A part of the middle that needs the database: it is there and its tables are those of this program.</summary>
    /// <exception cref="RefusedException">The tables are missing or older.</exception>
    public async Task<T> OpenAsync<T>(CancellationToken ct)
        where T : notnull
    {
        _version ??= await _parts.GetRequiredService<Migrations>().VersionAsync(ct);
        return _version >= Migrations.Newest
            ? ActivatorUtilities.GetServiceOrCreateInstance<T>(_parts)
            : throw new RefusedException(
                $"The schema {Settings.Database.Schema} of {Settings.Database.Url.Address} is at version {_version} and this program needs {Migrations.Newest}: run `bridge migrate`.");
    }

    /// <summary>Makes sure that the credentials are for the org that the database belongs to.</summary>
    /// <param name="otherwise">What is not done if they are not, as a sentence.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException">They are not.</exception>
    public async Task RequireOwnOrgAsync(string otherwise, CancellationToken ct)
    {
        OrgBelonging belonging = await OpenAsync<OrgBelonging>(ct);
        if (await belonging.LookAsync((await Org.GetUserInfoAsync(ct)).OrganizationId, ct) is { } objection)
            throw new RefusedException($"{otherwise} {objection}");
    }

    /// <summary>A route by its name.</summary>
    /// <exception cref="RefusedException">There is none, or none that can be read.</exception>
    public Route RouteNamed(string name)
    {
        if (Routes.Find(name) is { } route)
            return route;
        RouteFault[] faults = [.. Routes.Faults.Where(fault => fault.From == $"{name}.sql")];
        throw new RefusedException(faults.Length > 0
            ? string.Join('\n', faults.Select(fault => fault.ToString()))
            : $"There is no route `{name}`. There are: {string.Join(", ", Routes.Routes.Select(known => known.Definition.Name).Order())}.");
    }

    /// <summary>The bytes of a file, or of the standard input where the name is <c>-</c>.</summary>
    /// <exception cref="RefusedException">The file cannot be read.</exception>
    public async Task<byte[]> ReadAsync(string file, CancellationToken ct)
    {
        if (file == "-")
            return System.Text.Encoding.UTF8.GetBytes(await _context.Input.ReadToEndAsync(ct));
        try
        {
            return await File.ReadAllBytesAsync(file, ct);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"The file `{file}` cannot be read: {error.Message}");
        }
    }

    /// <summary>Prints a result: as JSON where that was asked for, else as text.</summary>
    public Task PrintAsync<T>(T result, JsonTypeInfo<T> type, Func<T, string> text) =>
        Output.WriteLineAsync(WantsJson ? JsonSerializer.Serialize(result, type) : text(result));

    /// <summary>Writes down the calls that this command made. What a person asked for is done, whether they can be or not.</summary>
    public async Task NoteCallsAsync(CancellationToken ct)
    {
        if (!HasCredentials)
            return;
        using var limit = new Deadline(LongestNote, Time, ct);
        try
        {
            await _parts.GetRequiredService<ApiGovernor>().NoteAsync(isEnd: true, limit.Token);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException or IOException or OperationCanceledException)
        {
            // They are a few.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await NoteCallsAsync(CancellationToken.None);
        await _parts.DisposeAsync();
    }
}
