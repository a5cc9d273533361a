using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Schema;

/// <summary>Turns the rules of an org's YAML into <see cref="DeliveryRules"/>.</summary>
/// <param name="objects">What rules can be about.</param>
/// <param name="users">Who they can send the session of.</param>
/// <param name="faults">Told of everything that is wrong.</param>
internal sealed class RuleReader(IReadOnlyDictionary<string, ObjectType> objects, IReadOnlyList<User> users, List<string> faults)
{
    private static readonly Dictionary<string, ApexForm> Forms = new(StringComparer.Ordinal)
    {
        ["queueable"] = ApexForm.Queueable,
        ["webhook-creator"] = ApexForm.WebhookCreator,
    };

    public DeliveryRules Read(RulesDocument document) => new(
        [.. document.OutboundMessages.Select(ToOutboundMessage).OfType<OutboundMessageRule>()],
        [.. document.ApexTriggers.Select(ToTrigger).OfType<ApexTrigger>()]);

    /// <summary>Names are unique, since an administrator points a rule to a URL by its name.</summary>
    public static IEnumerable<string> FaultsOf(DeliveryRules rules) => rules.All
        .GroupBy(rule => rule.Name, StringComparer.Ordinal)
        .Where(named => named.Key.Length == 0 || named.Count() > 1)
        .Select(named => named.Key.Length == 0 ? "a rule has no name" : $"rule '{named.Key}' is declared twice");

    private OutboundMessageRule? ToOutboundMessage(OutboundMessageEntry entry)
    {
        if (ToFilter(entry) is not { } changes)
            return null;
        return new OutboundMessageRule(entry.Name, changes, ToUrl(entry))
        {
            Fields = [changes.Type.FieldsByName[SystemFields.Id], .. ToFields(entry, entry.Fields, changes.Type)
                .Where(field => field.Name != SystemFields.Id)
                .OrderBy(field => field.Name, StringComparer.Ordinal)],
            SessionOf = entry.SessionOf is { } username ? ToUser(entry, username) : null,
        };
    }

    private ApexTrigger? ToTrigger(ApexTriggerEntry entry)
    {
        HashSet<Operation> operations = [.. entry.On.Select(name => Enum.TryParse(name, ignoreCase: true, out Operation operation)
            ? operation
            : Fault(operation, $"rule '{entry.Name}': '{name}' is no operation; there are insert, update and delete"))];
        if (operations.Count == 0)
            faults.Add($"rule '{entry.Name}' runs after no operation");
        if (!Forms.TryGetValue(entry.Form, out ApexForm form))
            faults.Add($"rule '{entry.Name}': '{entry.Form}' is no form; there are {string.Join(" and ", Forms.Keys)}");
        if (ToFilter(entry) is not { } changes)
            return null;
        return new ApexTrigger(entry.Name, changes, ToUrl(entry))
        {
            Operations = operations,
            Form = form,
            Headers = entry.Headers,
            Credential = entry.NamedCredential is { } credential ? ToClient(entry, credential) : null,
            Gzip = entry.Gzip,
        };
    }

    private OAuthClient ToClient(ApexTriggerEntry entry, CredentialEntry credential)
    {
        if (credential.TokenUrl.Length == 0 || !Uri.TryCreate(credential.TokenUrl, UriKind.RelativeOrAbsolute, out _))
            faults.Add($"rule '{entry.Name}': its named credential's token URL '{credential.TokenUrl}' is none");
        return new OAuthClient(credential.TokenUrl, credential.ClientId, credential.ClientSecret);
    }

    private ChangeFilter? ToFilter(DeliveryRuleEntry entry)
    {
        if (!objects.TryGetValue(entry.Object, out ObjectType? type))
            return Fault<ChangeFilter?>(null, $"rule '{entry.Name}' is about the unknown object '{entry.Object}'");
        return new ChangeFilter(type, ToCondition(entry, entry.When, type), ToCondition(entry, entry.Was, type), ToFields(entry, entry.Changed, type));
    }

    private Condition? ToCondition(DeliveryRuleEntry entry, string? condition, ObjectType type)
    {
        try
        {
            return condition is null ? null : new SoqlBinder(objects).Bind(SoqlParser.ParseCondition(condition), type);
        }
        catch (SoqlException error)
        {
            return Fault<Condition?>(null, $"rule '{entry.Name}': '{condition}': {error.Message.Trim()}");
        }
    }

    private Field[] ToFields(DeliveryRuleEntry entry, List<string> names, ObjectType type)
    {
        foreach (string name in names.Where(name => !type.FieldsByName.ContainsKey(name)))
            faults.Add($"rule '{entry.Name}' names the unknown field '{type.Name}.{name}'");
        return [.. names.Select(type.FieldsByName.GetValueOrDefault).OfType<Field>()];
    }

    private Uri? ToUrl(DeliveryRuleEntry entry)
    {
        if (entry.Url is null)
            return null;
        return Uri.TryCreate(entry.Url, UriKind.Absolute, out Uri? url) && DeliveryRule.IsUrl(url)
            ? url
            : Fault<Uri?>(null, $"rule '{entry.Name}': '{entry.Url}' is no http or https URL");
    }

    private User? ToUser(DeliveryRuleEntry entry, string username) =>
        users.FirstOrDefault(user => user.Username == username)
        ?? Fault<User?>(null, $"rule '{entry.Name}' sends the session of the unknown user '{username}'");

    private T Fault<T>(T instead, string fault)
    {
        faults.Add(fault);
        return instead;
    }
}
