namespace SalesforceBridge.Messaging;

/// <summary>The faults of one file, told by line.</summary>
internal sealed class RouteFaults
{
    private readonly List<(int Line, string What)> _faults = [];

    /// <summary>Adds a fault of a line, or of the whole file (line 0).</summary>
    public void Add(int line, string what) => _faults.Add((line, what));

    public IReadOnlyList<string> Told() =>
        [.. _faults.OrderBy(fault => fault.Line).Select(fault => fault.Line == 0 ? fault.What : $"line {fault.Line}: {fault.What}")];
}

/// <summary>
/// A file <c>sql/routes/NAME.sql</c>: header lines <c>-- name: value</c>, then one SQL statement. It holds either a definition or
/// every fault that keeps it from being one. The statement is checked for being whole; the database checks its meaning.
/// </summary>
public sealed record RouteFile
{
    private RouteFile(string name, SourceName? source, RouteDefinition? definition, IReadOnlyList<string> faults) =>
        (Name, Source, Definition, Faults) = (name, source, definition, faults);

    /// <summary>The file's name without <c>.sql</c>.</summary>
    public string Name { get; }

    /// <summary>What the route listens to, also where the file has other faults; null if that cannot be read.</summary>
    public SourceName? Source { get; }

    /// <summary>The route, or null if the file has faults.</summary>
    public RouteDefinition? Definition { get; }

    /// <summary>Each fault as <c>line N: what is wrong, and what to do</c>, in the order of lines; one of the whole file has no line.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Reads a route's text. Never throws: what is wrong is in <see cref="Faults"/>.</summary>
    /// <param name="name">The file's name without <c>.sql</c>; what it may be is <see cref="RouteDefinition.Name"/>'s to say.</param>
    /// <param name="text">The file's text; a byte order mark and CRLF do not matter.</param>
    public static RouteFile Parse(string name, string text)
    {
        var faults = new RouteFaults();
        if (!Shapes.RouteName().IsMatch(name))
            faults.Add(0, $"`{name}` is no name for a route; rename the file: {RouteHeaderValues.NameRule}");
        int nul = text.IndexOf('\0');
        if (nul >= 0)
            faults.Add(text.AsSpan(0, nul).Count('\n') + 1, "a NUL character, which SQL cannot hold; save the file as plain UTF-8 text");

        var headers = RouteHeaders.Read(text.TrimStart('\uFEFF'), faults);
        SourceName? source = ReadSource(headers, faults);
        RouteDefinition? definition = Define(name, headers, source, faults);
        IReadOnlyList<string> told = faults.Told();
        return new(name, source, told.Count == 0 ? definition : null, told);
    }

    /// <summary>A file that cannot even be read as text, or that clashes with another one.</summary>
    internal static RouteFile Refused(string name, string fault) => new(name, null, null, [fault]);

    /// <summary>The same file, which cannot be used beside another one.</summary>
    internal RouteFile Clashing(string fault) => new(Name, Source, null, [fault, .. Faults]);

    private static SourceName? ReadSource(RouteHeaders headers, RouteFaults faults)
    {
        if (!headers.Has(RouteHeaders.On))
            faults.Add(1, "there is no `on:` header; say what wakes the route (`-- on: event Order_Placed__e`)");
        return headers.Value<SourceName?>(RouteHeaders.On, null, SourceOfFile);
    }

    private static RouteDefinition? Define(string name, RouteHeaders headers, SourceName? source, RouteFaults faults)
    {
        RouteAction? action = ReadAction(headers);
        RouteDefinition? definition = Combine(name, headers, source, action);
        RouteRules.CheckHeaders(headers, source, action, faults);
        RouteRules.CheckPoll(headers, definition, faults);
        RouteRules.CheckCallouts(headers, definition, faults);
        RouteRules.CheckStatement(headers, action, faults);
        return definition;
    }

    private static RouteAction? ReadAction(RouteHeaders headers)
    {
        RouteAction? action = headers.Has(RouteHeaders.Do)
            ? headers.Value<RouteAction?>(RouteHeaders.Do, null, RouteAction.Parse)
            : new RouteAction.Execute(OncePerBatch: false);
        return action is RouteAction.Execute
            ? new RouteAction.Execute(headers.Value(RouteHeaders.OncePer, false,
                text => RouteHeaderValues.OneOf(text, ("message", false), ("batch", true))))
            : action;
    }

    private static SourceName SourceOfFile(string text)
    {
        var source = SourceName.Parse(HerokuConnectErrorFilter.Split(CalloutFilter.Split(ChangeFilter.Split(text).Source).Source).Source);
        return source.Kind != SourceKind.Api ? source : throw new FormatException("`api` is the bridge's own source; choose another");
    }

    // Every header is read even if source or action is wrong, so that all faults show at once.
    private static RouteDefinition? Combine(string name, RouteHeaders headers, SourceName? source, RouteAction? action)
    {
        var definition = new RouteDefinition
        {
            Name = name,
            Source = source!,
            Action = action!,
            Sql = headers.Body,
            SqlLine = headers.BodyLine,
            KeyExpression = headers.Value<string?>(RouteHeaders.Key, null, RouteHeaderValues.KeyExpression),
            From = headers.Value(RouteHeaders.From, RouteFrom.Now,
                text => RouteHeaderValues.OneOf(text, ("now", RouteFrom.Now), ("earliest", RouteFrom.Earliest))),
            Replay = headers.Value(RouteHeaders.Replay, RouteReplay.Tip,
                text => RouteHeaderValues.OneOf(text, ("tip", RouteReplay.Tip), ("earliest", RouteReplay.Earliest))),
            Nulls = headers.Value(RouteHeaders.Nulls, source?.DefaultNulls ?? RouteNulls.Clear,
                text => RouteHeaderValues.OneOf(text, ("clear", RouteNulls.Clear), ("omit", RouteNulls.Omit))),
            WhenDead = headers.Value(RouteHeaders.WhenDead, WhenDead.Continue,
                text => RouteHeaderValues.OneOf(text, ("continue", WhenDead.Continue), ("hold", WhenDead.Hold))),
            WhenInDoubt = headers.Value(RouteHeaders.WhenInDoubt, action?.DefaultWhenInDoubt ?? WhenInDoubt.Repeat,
                text => RouteHeaderValues.OneOf(text, ("repeat", WhenInDoubt.Repeat), ("park", WhenInDoubt.Park))),
            Retry = headers.Value(RouteHeaders.Retry, RouteRetry.Default, RouteHeaderValues.Retry),
            Timeout = headers.Value(RouteHeaders.Timeout, TimeSpan.FromSeconds(action is RouteAction.Reply ? 5 : 30),
                text => Durations.Parse(text, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1))),
            Batch = headers.Value(RouteHeaders.Batch, 500, text => RouteHeaderValues.Number(text, 1, RouteDefinition.LargestBatch)),
            Was = headers.Value<string?>(RouteHeaders.Was, null, text => FormerName(name, text)),
            Enabled = headers.Value(RouteHeaders.Enabled, true, YesOrNo),
            AsCaller = headers.Value(RouteHeaders.As, false, text => RouteHeaderValues.OneOf(text, ("caller", true))),
            Together = headers.Value(RouteHeaders.Together, false, YesOrNo),
            Takes = headers.Value<IReadOnlyList<RequestField>?>(RouteHeaders.Takes, null, RequestField.Parse),
            RepliesOne = headers.Value(RouteHeaders.Reply, false, text => RouteHeaderValues.OneOf(text, ("one", true), ("all", false))),
            Misfire = headers.Value(RouteHeaders.Misfire, Misfire.Once,
                text => RouteHeaderValues.OneOf(text, ("once", Misfire.Once), ("all", Misfire.All), ("skip", Misfire.Skip))),
            ChangesFrom = headers.Value(RouteHeaders.On, ChangeOrigin.Any, text => source is null ? ChangeOrigin.Any : ChangeFilter.Split(text).From),
            CalloutsFrom = headers.Value(RouteHeaders.On, CalloutsFrom.NotItself, text => source is null ? CalloutsFrom.NotItself : CalloutFilter.Split(text).From),
            ErrorsOf = headers.Value<MappedTable?>(RouteHeaders.On, null, text => source is null ? null : HerokuConnectErrorFilter.Split(text).Table),
            Columns = headers.Value<IReadOnlyList<string>>(RouteHeaders.Columns, [], ChangeFilter.Columns),
            Reconcile = headers.Value<bool?>(RouteHeaders.Reconcile, null, text => YesOrNo(text)),
            Mode = headers.Value(RouteHeaders.Mode, TableMode.Capture,
                text => RouteHeaderValues.OneOf(text, ("capture", TableMode.Capture), ("poll", TableMode.Poll))),
            Deletes = headers.Value(RouteHeaders.Deletes, false, YesOrNo),
            Bulk = headers.Value<bool?>(RouteHeaders.Bulk, null, text => YesOrNo(text)),
        };
        return source is null || action is null ? null : definition;
    }

    private static bool YesOrNo(string text) => RouteHeaderValues.OneOf(text, ("yes", true), ("no", false));

    private static string FormerName(string name, string text) => RouteHeaderValues.RouteName(text) != name
        ? text
        : throw new FormatException($"`{text}` is the route's name now; write its old name or remove the line");
}
