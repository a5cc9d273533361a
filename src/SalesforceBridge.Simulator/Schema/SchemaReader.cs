using SalesforceBridge.Simulator.Soql;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>Reads an org's YAML and lists everything that is wrong with it at once.</summary>
internal sealed class SchemaReader
{
    private readonly List<string> _faults = [];

    /// <exception cref="SchemaException">The document is not readable, or contradicts itself.</exception>
    public static OrgSchema Read(string yaml) => new SchemaReader().Build(Parse<SchemaDocument>(yaml));

    /// <summary>The schema with the rules of another document.</summary>
    /// <exception cref="SchemaException">The document is not readable, or contradicts itself or the schema.</exception>
    public static OrgSchema AddRules(OrgSchema schema, string yaml)
    {
        List<string> faults = [];
        DeliveryRules rules = schema.Rules.With(new RuleReader(schema.Objects, schema.Users, faults).Read(Parse<RulesDocument>(yaml)));
        faults.AddRange(RuleReader.FaultsOf(rules));
        return faults.Count == 0 ? schema with { Rules = rules } : throw new SchemaException(faults);
    }

    private static T Parse<T>(string yaml)
        where T : RulesDocument, new()
    {
        IDeserializer deserializer = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();
        try
        {
            return deserializer.Deserialize<T>(yaml) ?? new T();
        }
        catch (YamlException error)
        {
            string reason = error.InnerException?.Message ?? error.Message;
            throw new SchemaException([$"line {error.Start.Line}: {reason}"], error);
        }
    }

    private OrgSchema Build(SchemaDocument document)
    {
        List<User> users = [.. document.Users.Select(ToUser)];
        Dictionary<string, ObjectType> objects = ToTypes([SystemObjects.OfUsers, .. document.Objects, .. SystemObjects.OfChannels], SystemFields.OfObjects);
        Dictionary<string, ObjectType> events = ToTypes(document.Events, SystemFields.OfEvents);
        objects["User"] = objects["User"] with { ReadOnly = true };
        CheckReferences(objects);
        BindRules(document.Objects, objects);
        DeliveryRules rules = new RuleReader(objects, users, _faults).Read(document);
        _faults.AddRange(RuleReader.FaultsOf(rules));
        var schema = new OrgSchema
        {
            OrgId = SalesforceId.Normalise(document.Org.Id) ?? Fault(document.Org.Id, $"org id '{document.Org.Id}' is not a Salesforce id"),
            OrgName = document.Org.Name,
            Users = users,
            Apps = [.. document.ConnectedApps.Select(app => ToApp(app, users))],
            Objects = objects,
            Events = events,
            ChangeEvents = objects.Values.Where(type => type.ChangeEvents).Select(ChangeEventType.Of).ToDictionary(type => type.Name, StringComparer.OrdinalIgnoreCase),
            Channels = document.Channels.Select(channel => ToChannel(channel, objects, events))
                .ToDictionary(channel => channel.Name, StringComparer.Ordinal),
            RecordChannels = [.. ReadRecordChannels(document, objects)],
            Rules = rules,
            Automation = new AutomationReader(objects, users, _faults).Read(document),
        };
        if (users.Count == 0)
            _faults.Add("no user is declared");
        return _faults.Count == 0 ? schema : throw new SchemaException(_faults);
    }

    private static User ToUser(UserEntry entry, int index) => new(
        SalesforceId.Number("005", index + 1),
        entry.Username,
        entry.Password,
        entry.SecurityToken,
        entry.Name ?? entry.Username,
        entry.Email ?? entry.Username,
        entry.Active);

    private ConnectedApp ToApp(AppEntry entry, List<User> users)
    {
        foreach (string username in entry.RefreshTokens.Values.Concat(entry.ApprovedUsers).Append(entry.RunAs ?? users.FirstOrDefault()?.Username ?? ""))
        {
            if (!users.Any(user => user.Username == username))
                _faults.Add($"connected app '{entry.ConsumerKey}' names the unknown user '{username}'");
        }
        return new ConnectedApp
        {
            ConsumerKey = entry.ConsumerKey,
            ConsumerSecret = entry.ConsumerSecret,
            Certificate = entry.Certificate,
            RunAs = entry.RunAs,
            RefreshTokens = entry.RefreshTokens,
            ApprovedUsers = entry.ApprovedUsers,
            Scope = entry.Scope,
        };
    }

    private Dictionary<string, ObjectType> ToTypes(IEnumerable<ObjectEntry> entries, IReadOnlyList<Field> systemFields)
    {
        var types = new Dictionary<string, ObjectType>(StringComparer.OrdinalIgnoreCase);
        foreach (ObjectEntry entry in entries)
        {
            string prefix = entry.KeyPrefix ?? (entry.Name.EndsWith("__e", StringComparison.Ordinal) ? "e01" : $"a{types.Count:00}");
            Field[] fields = [.. systemFields, .. entry.Fields.Select(field => ToField(entry, field))];
            var byName = new Dictionary<string, Field>(StringComparer.OrdinalIgnoreCase);
            foreach (Field field in fields.Where(field => !byName.TryAdd(field.Name, field)))
                _faults.Add($"{entry.Name}: field '{field.Name}' is declared twice");
            if (!types.TryAdd(entry.Name, ToType(entry, prefix, fields, byName)))
                _faults.Add($"object '{entry.Name}' is declared twice");
        }
        return types;
    }

    private static ObjectType ToType(ObjectEntry entry, string prefix, Field[] fields, Dictionary<string, Field> byName) => new()
    {
        Name = entry.Name,
        Label = entry.Label ?? entry.Name,
        KeyPrefix = prefix,
        Fields = fields,
        FieldsByName = byName,
        ParentsByName = fields.Where(field => field.RelationshipName is not null)
            .ToDictionary(field => field.RelationshipName!, StringComparer.OrdinalIgnoreCase),
        Rules = [],
        ChangeEvents = entry.ChangeEvents,
    };

    private Field ToField(ObjectEntry owner, FieldEntry entry)
    {
        if (!Enum.TryParse(entry.Type, ignoreCase: true, out FieldType type) || type is FieldType.ComplexValue)
            _faults.Add($"{owner.Name}.{entry.Name}: '{entry.Type}' is no field type");
        bool written = type is not FieldType.AutoNumber;
        return new Field
        {
            Name = entry.Name,
            Label = entry.Label ?? entry.Name,
            Type = type,
            Length = type is FieldType.Reference ? 18 : entry.Length,
            Required = entry.Required,
            Unique = entry.Unique,
            ExternalId = entry.ExternalId,
            Restricted = entry.Restricted,
            Createable = entry.Createable && written,
            Updateable = entry.Updateable && written,
            Default = entry.Default,
            Format = entry.Format,
            ReferenceTo = entry.ReferenceTo,
            RelationshipName = type is FieldType.Reference ? entry.RelationshipName ?? RelationshipOf(entry.Name) : null,
            ChildRelationshipName = type is FieldType.Reference ? entry.ChildRelationshipName ?? ChildrenOf(owner, entry) : null,
            Values = entry.Values,
        };
    }

    // Account__c is looked up as Account__r, AccountId as Account.
    private static string RelationshipOf(string field) =>
        field.EndsWith("__c", StringComparison.Ordinal) ? field[..^1] + "r" :
        field.EndsWith("Id", StringComparison.Ordinal) ? field[..^2] : field;

    // Contacts, Opportunities, Orders__r; the children of a field to its own object are ChildAccounts. Nobody speaks of the records of a user.
    private static string? ChildrenOf(ObjectEntry owner, FieldEntry entry)
    {
        if (entry.ReferenceTo == "User")
            return null;
        string name = (entry.ReferenceTo == owner.Name ? "Child" : "") + owner.Name.Split("__")[0];
        string plural = name.EndsWith('y') ? name[..^1] + "ies" : name + "s";
        return entry.Name.EndsWith("__c", StringComparison.Ordinal) ? plural + "__r" : plural;
    }

    private void CheckReferences(Dictionary<string, ObjectType> objects)
    {
        foreach (ObjectType type in objects.Values)
        {
            foreach (Field field in type.Fields.Where(field => field.Type is FieldType.Reference && !objects.ContainsKey(field.ReferenceTo ?? "")))
                _faults.Add($"{type.Name}.{field.Name} refers to the unknown object '{field.ReferenceTo}'");
        }
    }

    private void BindRules(List<ObjectEntry> entries, Dictionary<string, ObjectType> objects)
    {
        foreach (ObjectEntry entry in entries)
        {
            ObjectType type = objects[entry.Name];
            objects[entry.Name] = type with
            {
                Rules = [.. entry.ValidationRules.Select(rule => ToRule(rule, type, objects)).OfType<ValidationRule>()],
            };
        }
    }

    private ValidationRule? ToRule(RuleEntry rule, ObjectType type, Dictionary<string, ObjectType> objects)
    {
        try
        {
            Condition when = new SoqlBinder(objects).Bind(SoqlParser.ParseCondition(rule.When), type);
            return new ValidationRule(when, rule.Message, rule.Field);
        }
        catch (SoqlException error)
        {
            _faults.Add($"{type.Name}: rule '{rule.When}': {error.Message.Trim()}");
            return null;
        }
    }

    private CustomChannel ToChannel(ChannelEntry entry, Dictionary<string, ObjectType> objects, Dictionary<string, ObjectType> events)
    {
        HashSet<string> changes = [.. objects.Values.Where(type => type.ChangeEvents).Select(type => type.ChangeEventName)];
        foreach (string member in entry.Members.Where(member => !changes.Contains(member) && !events.ContainsKey(member)))
            _faults.Add($"channel '{entry.Name}' carries the unknown event '{member}'");
        bool carriesChanges = entry.Members.TrueForAll(changes.Contains);
        if (!carriesChanges && entry.Members.Exists(changes.Contains))
            _faults.Add($"channel '{entry.Name}' mixes platform events and change events");
        return new CustomChannel(entry.Name, entry.Members, carriesChanges);
    }

    private IEnumerable<(string Type, IReadOnlyDictionary<string, object?> Values)> ReadRecordChannels(SchemaDocument document, Dictionary<string, ObjectType> objects)
    {
        foreach (PushTopicEntry topic in document.PushTopics)
        {
            IReadOnlyDictionary<string, object?> values = ValuesOf(topic);
            if (!Enum.TryParse(topic.NotifyForFields, out NotifyForFields _))
                _faults.Add($"push topic '{topic.Name}': notifyForFields '{topic.NotifyForFields}' is none of {string.Join(", ", Enum.GetNames<NotifyForFields>())}");
            else if (PushTopicFault(values, objects) is { } fault)
                _faults.Add($"push topic '{topic.Name}': {fault}");
            else
                yield return (SystemObjects.PushTopic, values);
        }
        foreach (string name in document.GenericChannels)
        {
            if (!name.StartsWith("/u/", StringComparison.Ordinal))
                _faults.Add($"generic channel '{name}' does not begin with /u/");
            yield return (SystemObjects.StreamingChannel, new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["Name"] = name });
        }
    }

    private static Dictionary<string, object?> ValuesOf(PushTopicEntry topic) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Name"] = topic.Name,
        ["Query"] = topic.Query,
        ["ApiVersion"] = 62m,
        ["IsActive"] = true,
        ["NotifyForFields"] = topic.NotifyForFields,
        ["NotifyForOperationCreate"] = topic.NotifyForOperationCreate,
        ["NotifyForOperationUpdate"] = topic.NotifyForOperationUpdate,
        ["NotifyForOperationDelete"] = topic.NotifyForOperationDelete,
        ["NotifyForOperationUndelete"] = topic.NotifyForOperationUndelete,
    };

    private static string? PushTopicFault(IReadOnlyDictionary<string, object?> values, Dictionary<string, ObjectType> objects)
    {
        try
        {
            PushTopic.Read(values, objects);
            return null;
        }
        catch (SoqlException error)
        {
            return error.Message.Trim();
        }
    }

    private T Fault<T>(T instead, string fault)
    {
        _faults.Add(fault);
        return instead;
    }
}

/// <summary>An org's schema that cannot be used; the message lists every fault.</summary>
public sealed class SchemaException(IReadOnlyList<string> faults, Exception? cause = null)
    : Exception("The org's schema cannot be used: " + string.Join("; ", faults), cause);
