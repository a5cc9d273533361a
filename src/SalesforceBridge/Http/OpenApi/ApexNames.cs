namespace SalesforceBridge.Http.OpenApi;

/// <summary>
/// Names for callouts that Apex takes as they are. External Services writes whatever else it finds, underscores too, as codes like
/// <c>x5f</c>, so words are told apart by capitals alone.
/// </summary>
internal static class ApexNames
{
    // Words that are no identifiers, from the Apex Developer Guide; `type` is reserved by External Services.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "abstract", "activate", "and", "any", "array", "as", "asc", "autonomous", "begin", "bigdecimal", "blob", "boolean", "break", "bulk", "by",
        "byte", "case", "cast", "catch", "char", "class", "collect", "commit", "const", "continue", "currency", "date", "datetime", "decimal",
        "default", "delete", "desc", "do", "double", "else", "end", "enum", "exception", "exit", "export", "extends", "false", "final", "finally",
        "float", "for", "from", "global", "goto", "group", "having", "hint", "if", "implements", "import", "in", "inner", "insert", "instanceof",
        "int", "integer", "interface", "into", "join", "like", "limit", "list", "long", "loop", "map", "merge", "new", "not", "null", "nulls",
        "number", "object", "of", "on", "or", "outer", "override", "package", "parallel", "pragma", "private", "protected", "public", "retrieve",
        "return", "rollback", "select", "set", "short", "sobject", "sort", "static", "string", "super", "switch", "synchronized", "system",
        "testmethod", "then", "this", "throw", "time", "transaction", "trigger", "true", "try", "type", "undelete", "update", "upsert", "using",
        "virtual", "void", "webservice", "when", "where", "while",
    };

    /// <summary>
    /// A name for each callout, no two the same to Apex, to which case does not matter. One that is legal as it is stays so, unless
    /// another one differs only by case.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> callouts)
    {
        string[] ordered = [.. callouts.Order(StringComparer.Ordinal)];
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        var names = ordered.Where(callout => Legal(callout) == callout && taken.Add(callout)).ToDictionary(callout => callout);
        foreach (string callout in ordered.Where(callout => !names.ContainsKey(callout)))
        {
            string legal = Legal(callout), name = legal;
            for (int n = 2; !taken.Add(name); n++)
                name = $"{legal}{n}";
            names[callout] = name;
        }

        return names;
    }

    /// <summary>A name that begins with a capital, as types do.</summary>
    public static string Capital(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    // A callout's name begins with a letter and has letters, digits, - and _.
    private static string Legal(string callout)
    {
        string[] words = callout.Split(['-', '_'], StringSplitOptions.RemoveEmptyEntries);
        string joined = string.Concat(words.Select((word, n) => n == 0 ? word : Capital(word)));
        return Reserved.Contains(joined) ? $"call{Capital(joined)}" : joined;
    }
}
