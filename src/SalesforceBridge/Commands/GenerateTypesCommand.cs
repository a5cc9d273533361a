using System.CommandLine;
using System.Net;
using SalesforceBridge.Generate;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge generate types</c>: C# records for the org's objects and events, as the integration user sees them.</summary>
internal sealed class GenerateTypesCommand : BridgeCommand
{
    private readonly Argument<string[]> _objects = new("objects") { Description = "API names of objects and events, such as Account Order__c Order_Placed__e", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _folder = new("--out") { Description = "A folder for a file of each type; without it all go to the standard output" };
    private readonly Option<string> _namespace = new("--namespace") { Description = "The namespace of the types", DefaultValueFactory = _ => GeneratedTypes.Namespace };

    public GenerateTypesCommand(CommandContext context)
        : base("types", "Writes C# records for objects and events of the org", context)
    {
        Add(_objects);
        Add(_folder);
        Add(_namespace);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        string name = session.Value(_namespace)!;
        if (!CSharpNames.IsNamespace(name))
            throw new RefusedException($"`{name}` is no namespace in C#. Write names with dots between them, like `Shop.Orders`.");
        IReadOnlyList<OrgType> types = await ReadSchemasAsync(session, await DescribeAsync(session.Org, session.Value(_objects), ct), ct);
        if (session.Value(_folder) is { } folder)
            await WriteAsync(session, folder, GeneratedTypes.Files(types, name), ct);
        else if (session.WantsJson)
            await session.PrintAsync(GeneratedTypes.Files(types, name), CommandJson.Default.IReadOnlyListGeneratedFile, _ => "");
        else
            await session.Output.WriteAsync(GeneratedTypes.Together(types, name));
        return 0;
    }

    /// <exception cref="RefusedException">The org does not tell of some of them: nothing is written, and all of them are named.</exception>
    private static async Task<IReadOnlyList<ObjectDescribe>> DescribeAsync(SalesforceClient org, IEnumerable<string> names, CancellationToken ct)
    {
        List<ObjectDescribe> objects = [];
        List<string> unknown = [];
        foreach (string name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                objects.Add(await org.GetObjectDescribeAsync(name, ct));
            }
            catch (SalesforceException refused) when (IsUnseen(refused))
            {
                unknown.Add(name);
            }
        }

        // The org finds an object of a managed package without its prefix, too.
        return unknown.Count == 0
            ? [.. objects.DistinctBy(sObject => sObject.Name)]
            : throw new RefusedException($"The org has no {string.Join(" and no ", unknown)}, or the integration user may not see it; correct the name or give access.");
    }

    /// <summary>Reads what events carry. Where the org refuses to tell, the describe has to do, and a line says so.</summary>
    private static async Task<IReadOnlyList<OrgType>> ReadSchemasAsync(CommandSession session, IEnumerable<ObjectDescribe> objects, CancellationToken ct)
    {
        List<OrgType> types = [];
        List<string> untold = [];
        foreach (ObjectDescribe sObject in objects)
        {
            EventSchema? schema = null;
            try
            {
                // As the JSON that is delivered over CometD, and stored.
                schema = OrgType.HasSchema(sObject) ? await session.Org.GetEventSchemaAsync(sObject.Name, EventSchemaFormat.Expanded, ct) : null;
            }
            catch (SalesforceException refused) when (IsUnseen(refused))
            {
                untold.Add($"{sObject.Name} ({refused.Code})");
            }

            types.Add(new OrgType(sObject, schema));
        }

        if (untold.Count > 0)
            await session.Errors.WriteLineAsync($"The org does not tell the event schema of {string.Join(" and of ", untold)}: written from the describe alone, with fields that may never be delivered.");
        return types;
    }

    private static bool IsUnseen(SalesforceException refused) =>
        refused.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden && refused.Class is { Blame: not Blame.Org };

    private static async Task WriteAsync(CommandSession session, string folder, IReadOnlyList<GeneratedFile> files, CancellationToken ct)
    {
        string[] paths = [.. files.Select(file => Path.Combine(folder, file.Name))];
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string path in paths.Where(File.Exists))
                await RequireOwnAsync(path, ct);
            foreach ((GeneratedFile file, string path) in files.Zip(paths))
                await File.WriteAllTextAsync(path, file.Source, ct);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"The folder `{folder}` cannot be written: {error.Message}");
        }

        await session.PrintAsync(paths, CommandJson.Default.StringArray, written => string.Join('\n', written));
    }

    /// <exception cref="RefusedException">Somebody wrote the file by hand.</exception>
    private static async Task RequireOwnAsync(string path, CancellationToken ct)
    {
        using var reader = new StreamReader(path);
        if (await reader.ReadLineAsync(ct) != GeneratedTypes.Mark)
            throw new RefusedException($"`{path}` was not written by this command, so it is not overwritten. Move it away, or choose another folder.");
    }
}
