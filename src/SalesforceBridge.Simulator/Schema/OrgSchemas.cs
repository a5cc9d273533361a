namespace SalesforceBridge.Simulator.Schema;

/// <summary>Finds the schema that the options ask for.</summary>
internal static class OrgSchemas
{
    private const string Default = "DefaultOrg.yaml";

    // It never changes, and a test run starts hundreds of orgs.
    private static readonly Lazy<OrgSchema> DefaultSchema = new(() => SchemaReader.Read(ReadDefault()));

    /// <exception cref="SchemaException">It is not usable.</exception>
    public static OrgSchema Load(SimulatorOptions options)
    {
        OrgSchema schema = options.SchemaYaml is { } yaml ? SchemaReader.Read(yaml) : DefaultSchema.Value;
        if (options.RulesYaml is { } rules)
            schema = SchemaReader.AddRules(schema, rules);
        if (options.JwtCertificate is not { } certificate)
            return schema;
        return schema.Apps.Count == 0
            ? throw new SchemaException(["a JWT certificate is given, but no connected app is declared"])
            : schema with { Apps = [schema.Apps[0] with { Certificate = certificate }, .. schema.Apps.Skip(1)] };
    }

    private static string ReadDefault()
    {
        using Stream stream = typeof(OrgSchemas).Assembly.GetManifestResourceStream(Default)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
