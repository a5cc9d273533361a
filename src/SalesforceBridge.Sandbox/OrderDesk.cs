using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Sandbox;

/// <summary>What is the matter with an order's event.</summary>
internal enum Poison
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It names an order that the org does not have, so nothing can be updated.</summary>
    UnknownOrder,

    /// <summary>Its amount is a word, so no route can work with it.</summary>
    AmountIsAWord,

    /// <summary>It holds a <c>\u0000</c>, which PostgreSQL takes in no JSON.</summary>
    Unstorable,
}

/// <summary>An event that says that an order was placed, or changed.</summary>
/// <param name="Uuid">What the org calls the event.</param>
/// <param name="OrderId">The record that it names.</param>
/// <param name="Amount">The order's amount in it; nothing where it is a word.</param>
/// <param name="Poison">What is the matter with it.</param>
internal sealed record OrderEvent(string Uuid, string OrderId, decimal Amount, Poison Poison)
{
    public bool IsLarge => Amount > OrderDesk.LargeFrom;
}

/// <summary>An opportunity that was won.</summary>
internal sealed record Deal(string Id, string Name, decimal Amount);

/// <summary>The people of the org: they place orders, keep accounts and win deals, and write into a book what they did.</summary>
internal sealed class OrderDesk(SimulatedOrg org)
{
    /// <summary>Above this an order is a large one, as the example routes have it.</summary>
    public const decimal LargeFrom = 1000;

    private const string EventType = "Order_Placed__e";
    private readonly List<OrderEvent> _events = [];
    private readonly List<string> _accounts = [];
    private readonly Dictionary<string, int> _changes = [];
    private readonly List<string> _contacts = [];
    private readonly List<Deal> _deals = [];
    private int _number;

    /// <summary>Every event that was published, in order.</summary>
    public IReadOnlyList<OrderEvent> Events => _events;

    /// <summary>How often each account was changed, its creation and deletion included.</summary>
    public IReadOnlyDictionary<string, int> AccountChanges => _changes;

    /// <summary>The ids of all contacts.</summary>
    public IReadOnlyList<string> Contacts => _contacts;

    /// <summary>How many times a contact was entered or changed here.</summary>
    public int ContactWrites { get; private set; }

    /// <summary>Every deal that was won.</summary>
    public IReadOnlyList<Deal> Deals => _deals;

    /// <summary>How many events of either kind the org has to tell of.</summary>
    public int EventCount => _events.Count + _changes.Values.Sum();

    /// <summary>Places an order. With several amounts it is changed at once, so that its events come in one poll.</summary>
    public void PlaceOrder(params decimal[] amounts)
    {
        string customer = $"Customer {_number % 50}";
        string order = org.Create("Order__c", new { Amount__c = amounts[0], Status__c = "Placed", Quantity__c = 1 });
        IReadOnlyList<string> uuids = org.PublishMany(EventType, amounts.Select(amount => (object)new
        {
            Order_Id__c = order,
            Order_Number__c = NextNumber(),
            Amount__c = amount,
            Customer__c = customer,
        }));
        _events.AddRange(uuids.Zip(amounts, (uuid, amount) => new OrderEvent(uuid, order, amount, Poison.None)));
    }

    /// <summary>Publishes an event that somebody has to look at.</summary>
    public void PlacePoison(Poison poison)
    {
        string order = $"a00SM{9_000_000_000 + _number:0000000000}";
        object amount = poison == Poison.AmountIsAWord ? "a lot" : 100;
        string note = poison == Poison.Unstorable ? "half\0way" : "";
        string payload = JsonSerializer.Serialize(new { Order_Id__c = order, Order_Number__c = NextNumber(), Amount__c = amount, Note__c = note });
        string uuid = org.PublishVerbatim(EventType, Encoding.UTF8.GetBytes(payload));
        _events.Add(new OrderEvent(uuid, order, 100, poison));
    }

    public void OpenAccount()
    {
        string account = org.Create("Account", new { Name = $"Account {_accounts.Count}", Phone = Phone(), BillingCity = "Berlin" });
        _accounts.Add(account);
        Note(account);
    }

    /// <summary>Changes an account once or more at once, so that its events come in one poll.</summary>
    public void ChangeAccount(int times)
    {
        string account = NextAccount();
        for (int n = 0; n < times; n++)
        {
            org.Update("Account", account, new { Phone = Phone() });
            Note(account);
        }
    }

    /// <summary>Moves an account to another city and takes its telephone away.</summary>
    public void MoveAccount()
    {
        string account = NextAccount();
        org.Update("Account", account, new { Phone = (string?)null, BillingCity = $"City {_number}" });
        Note(account);
    }

    public void CloseAccount()
    {
        string account = NextAccount();
        org.Delete("Account", account);
        _accounts.Remove(account);
        Note(account);
    }

    /// <summary>Enters somebody new; the org's trigger calls out.</summary>
    public void MeetContact()
    {
        _contacts.Add(org.Create("Contact", new { FirstName = "Kim", LastName = $"Contact {_contacts.Count}", Phone = Phone() }));
        ContactWrites++;
    }

    /// <summary>Somebody has another telephone, if there is anybody yet.</summary>
    public void CallContact()
    {
        if (_contacts.Count == 0)
            return;
        org.Update("Contact", _contacts[_number % _contacts.Count], new { Phone = Phone() });
        ContactWrites++;
    }

    /// <summary>Wins a deal that was being negotiated; the org sends an outbound message.</summary>
    public void WinDeal(decimal amount)
    {
        string name = $"Deal <{_deals.Count}> & Söhne";
        string deal = org.Create("Opportunity", new { Name = name, StageName = "Negotiation/Review", CloseDate = "2030-06-30", Amount = amount });
        org.Update("Opportunity", deal, new { StageName = "Closed Won" });
        _deals.Add(new Deal(deal, name, amount));
    }

    private string NextAccount() => _accounts[_number % _accounts.Count];

    private string Phone() => $"+49 30 {++_number:000000}";

    private string NextNumber() => $"N-{++_number:000000}";

    private void Note(string account) => _changes[account] = _changes.GetValueOrDefault(account) + 1;
}
