using System.Text.Json;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Sandbox.Check;

/// <summary>Holds what the org saw and what the desk did against what is in the database.</summary>
internal sealed class Examination(SimulatedOrg org, SandboxDatabase database, OrderDesk desk, OrgCalls calls)
{
    private static readonly string[] OrderRoutes = ["order-accepted", "order-archived", "large-order-alert"];

    /// <summary>Every promise that can be seen from outside.</summary>
    public async Task<IReadOnlyList<Promise>> ExamineAsync(CancellationToken ct)
    {
        Evidence evidence = await Evidence.ReadAsync(database, ct);
        return
        [
            Promise.Of("events that are in the inbox", desk.EventCount, Stored(evidence)),
            Called("callouts that are in it, contact by contact", OrgRules.ContactTrigger, calls.Callouts, calls.CalloutKeys, evidence),
            Called("notifications that are in it", OrgRules.WonDeal, calls.Notifications, calls.NotificationIds, evidence),
            Promise.Of("messages that are in it twice, or that nobody sent", 0, evidence.Repeats + RepeatedCallouts(evidence) + Strangers(evidence)),
            Archived(evidence),
            Accepted(),
            Promise.Of("large orders that wait for a person", Orders(large: true).Count(), Orders(large: true).Count(IsPlaced)),
            Alerted(),
            Promise.Of("orders whose updates or alerts came out of order", 0, OutOfOrder()),
            Mirrored(evidence),
            Booked(evidence),
            OnePass("contacts numbered, one pass round the loop", evidence, "contact-numbered", AllContacts, "Contact", "Badge__c"),
            OnePass("won deals confirmed, one pass round the loop", evidence, "deal-confirmed", [.. desk.Deals.Select(deal => deal.Id)], "Opportunity", "Description"),
            DeadLetters(evidence),
            Promise.Of("failures that are still open", 0, evidence.OpenFailures),
            Promise.Of("deliveries of which nothing is known", 0, evidence.UnsettledDeliveries),
            Promise.Of("gaps and open alerts", 0, evidence.Gaps + evidence.Alerts),
        ];
    }

    // Those too that an app has entered.
    private string[] AllContacts => [.. org.Query("select Id from Contact").Select(contact => Text(contact, "Id")!)];

    private long Stored(Evidence evidence) => desk.Events.Count(placed => evidence.EventIds.Contains(placed.Uuid)) + evidence.ChangeMessages;

    private Promise Called(string what, string rule, int expected, IEnumerable<string> keys, Evidence evidence)
    {
        int again = calls.SentAgain(rule);
        return Promise.Of(what, expected, keys.Count(evidence.CallKeys.Contains), again > 0 ? $" ({again} sent again)" : "");
    }

    // When the org wrote a record twice in one second, because the answer to the first write was lost, its two callouts say the same and are two. So they are counted.
    private long RepeatedCallouts(Evidence evidence) => Math.Max(evidence.CalloutRows - calls.Callouts, 0);

    private int Strangers(Evidence evidence) => evidence.CallKeys.Except([.. calls.CalloutKeys, .. calls.NotificationIds]).Count();

    private IEnumerable<OrderEvent> Good => desk.Events.Where(placed => placed.Poison == Poison.None);

    private IEnumerable<string> Orders(bool large) => Good.Where(placed => placed.IsLarge == large).Select(placed => placed.OrderId).Distinct();

    // A word for an amount, or what cannot be stored, never runs; an order that the org does not know can well be archived.
    private Promise Archived(Evidence evidence)
    {
        Dictionary<string, (int Events, decimal Amount)> expected = desk.Events
            .Where(placed => placed.Poison is Poison.None or Poison.UnknownOrder)
            .GroupBy(placed => placed.OrderId)
            .ToDictionary(order => order.Key, order => (order.Count(), order.Last().Amount));
        int exact = evidence.Archive.Count(row => expected.GetValueOrDefault(row.OrderId) == (row.Events, row.Amount));
        return new Promise("orders archived, each event exactly once", $"{expected.Count}", $"{exact}", exact == expected.Count && exact == evidence.Archive.Count);
    }

    private Promise Accepted()
    {
        string[] orders = [.. Orders(large: false)];
        int accepted = orders.Count(order => StatusOf(order) == "Accepted");
        int repeated = Updates.Sum(order => order.Count()) - Good.Count(placed => !placed.IsLarge);
        return new Promise(
            "orders accepted in the org", $"{orders.Length}", $"{accepted}{Repeats(repeated)}", accepted == orders.Length && repeated >= 0);
    }

    private Promise Alerted()
    {
        var wanted = Good.Where(placed => placed.IsLarge).Select(placed => (placed.OrderId, placed.Amount)).ToHashSet();
        (string, decimal)[] published = [.. Alerts.SelectMany(order => order.Select(amount => (order.Key, amount)))];
        int strangers = published.Count(alert => !wanted.Contains(alert));
        int seen = published.Distinct().Count() - strangers;
        return new Promise("large orders alerted at least once", $"{wanted.Count}", $"{seen}{Repeats(published.Length - seen)}", seen == wanted.Count && strangers == 0);
    }

    private static string Repeats(int count) => count > 0 ? $" (+{count} repeated)" : "";

    // The time of acceptance is the time its event was stored, and a changed order's amount grows.
    private int OutOfOrder() => Updates.Count(order => !IsAscending([.. order])) + Alerts.Count(order => !IsAscending([.. order]));

    private static bool IsAscending<T>(IReadOnlyList<T> values)
        where T : IComparable<T> => Enumerable.Range(1, Math.Max(values.Count - 1, 0)).All(n => values[n - 1].CompareTo(values[n]) <= 0);

    private IEnumerable<IGrouping<string, DateTimeOffset>> Updates => org.Ledger.Writes
        .Where(write => write is { Object: "Order__c", Kind: ApiCallKind.Update, Error: null } && write.Fields.TryGetProperty("Accepted_At__c", out _))
        .GroupBy(write => write.Id!, write => write.Fields.GetProperty("Accepted_At__c").GetDateTimeOffset());

    private IEnumerable<IGrouping<string, decimal>> Alerts => org.Ledger.Events
        .Where(published => published.EventType == "Large_Order__e")
        .Select(published => published.Payload)
        .GroupBy(alert => alert.GetProperty("Order_Id__c").GetString()!, alert => alert.GetProperty("Amount__c").GetDecimal());

    private Promise Mirrored(Evidence evidence)
    {
        HashSet<MirrorRow> accounts = [.. org.Query("select Id, Name, Phone, BillingCity from Account").Select(account => new MirrorRow(
            Text(account, "Id")!, Text(account, "Name"), Text(account, "Phone"), Text(account, "BillingCity"), desk.AccountChanges[Text(account, "Id")!]))];
        int same = evidence.Mirror.Count(accounts.Contains);
        return new Promise("accounts mirrored, each change exactly once", $"{accounts.Count}", $"{same}", same == accounts.Count && same == evidence.Mirror.Count);
    }

    private Promise Booked(Evidence evidence)
    {
        HashSet<BookingRow> expected = [.. desk.Deals.Select(deal => new BookingRow(deal.Id, deal.Name, deal.Amount, calls.NotificationsOf(deal)))];
        int exact = evidence.Bookings.Count(expected.Contains);
        return new Promise("won deals booked, each notification exactly once", $"{expected.Count}", $"{exact}", exact == expected.Count && exact == evidence.Bookings.Count);
    }

    // The route's update came back as another call, and that one must have come to rest.
    private Promise OnePass(string what, Evidence evidence, string route, string[] records, string type, string field)
    {
        PassRow[] sent = [.. evidence.Passes.Where(row => row.Lane == route)];
        int once = sent.Count(row => row.Passes == 1 && records.Contains(row.Id) && row.Value is not null && Text(org.Read(type, row.Id)!.Value, field) == row.Value);
        long passes = sent.Sum(row => row.Passes);
        return new Promise(
            what, $"{records.Length}", $"{once}{(passes > once ? $" of {passes} passes" : "")}", once == records.Length && once == passes);
    }

    private Promise DeadLetters(Evidence evidence)
    {
        HashSet<(string, string)> expected = [.. desk.Events.SelectMany(placed => placed.Poison switch
        {
            Poison.None => [],
            Poison.UnknownOrder => [("lane order-accepted", placed.Uuid)],
            _ => OrderRoutes.Select(route => ($"route {route}", placed.Uuid)),
        })];
        int explained = evidence.DeadLetters.Count(expected.Contains);
        int others = evidence.DeadLetters.Count - explained;
        return new Promise(
            "dead letters: the poison and nothing else", $"{expected.Count}", $"{explained}{(others > 0 ? $" and {others} others" : "")}",
            explained == expected.Count && others == 0);
    }

    private bool IsPlaced(string order) => StatusOf(order) == "Placed";

    private string? StatusOf(string order) => org.Read("Order__c", order) is { } record ? Text(record, "Status__c") : null;

    private static string? Text(JsonElement record, string field) => record.GetProperty(field).GetString();
}
