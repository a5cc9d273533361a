using System.Globalization;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class TypedRecordTests
{
    private const string SObject = "acme__Shipment__c";
    private const string Query = "select Name, class, Deliver_On__c, Deliver_At__c, Sent_At__c, Weight__c, Account__r.External_Id__c from acme__Shipment__c";

    private static readonly Shipment Whole = new()
    {
        Name = "S-1 \U0001F69A",
        Class = "new",
        DeliverOn = new DateOnly(2026, 3, 29),
        DeliverAt = new TimeOnly(10, 15, 0, 250),
        SentAt = new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.FromHours(-8)),
        Weight = 12.5m,
        Account = new Customer("A1"),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_typed_record_is_read_as_it_was_written()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Create("Account", new { Name = "x", External_Id__c = "A1" });

        await client.Rest.CreateRecordAsync(SObject, RecordJson.From(Whole, ShipmentJson.Default.Shipment), Ct);
        Shipment read = await client.Rest.QueryAsync(Query, ShipmentJson.Default.Shipment, Ct).SingleAsync(Ct);

        read.ShouldBe(Whole with { SentAt = Whole.SentAt!.Value.ToUniversalTime() });
        read.SentAt!.Value.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_dictionary_is_read_as_it_was_written()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        client.Org.Create("Account", new { Name = "x", External_Id__c = "A1" });
        var fields = new Dictionary<string, object?>
        {
            ["Name"] = Whole.Name,
            ["class"] = "new",
            ["Deliver_On__c"] = Whole.DeliverOn,
            ["Deliver_At__c"] = Whole.DeliverAt,
            ["Sent_At__c"] = Whole.SentAt,
            ["Weight__c"] = 12.5m,
            ["Account__r"] = new Dictionary<string, object?> { ["External_Id__c"] = "A1" },
        };

        await client.Rest.CreateRecordAsync(SObject, fields, Ct);
        Dictionary<string, object?> read = await client.Rest.QueryAsync(Query, RecordFields.Type, Ct).SingleAsync(Ct);

        read["name"].ShouldBe(Whole.Name);
        read.Remove("Account__r", out object? account);
        ((Dictionary<string, object?>)account!)["External_Id__c"].ShouldBe("A1");
        read.ShouldBe(new Dictionary<string, object?>
        {
            ["Name"] = Whole.Name,
            ["class"] = "new",
            ["Deliver_On__c"] = "2026-03-29",
            ["Deliver_At__c"] = "10:15:00.250Z",
            ["Sent_At__c"] = "2026-03-29T09:30:00.000+0000",
            ["Weight__c"] = 12.5m,
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_null_clears_a_field_and_one_that_is_left_out_stays()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string explicitly = Created(client), sparse = Created(client), cleared = Created(client), dictionary = Created(client);
        var change = new Shipment { Name = "S-2" };

        await client.Rest.UpdateRecordAsync(SObject, explicitly, RecordJson.From(change, ShipmentJson.Default.Shipment), Ct);
        await client.Rest.UpdateRecordAsync(SObject, sparse, RecordJson.From(change, SparseShipmentJson.Default.Shipment), Ct);
        await client.Rest.UpdateRecordAsync(SObject, cleared, RecordJson.From(change, SparseShipmentJson.Default.Shipment).Clearing("class"), Ct);
        await client.Rest.UpdateRecordAsync(SObject, dictionary, new Dictionary<string, object?> { ["Name"] = "S-2", ["class"] = null }, Ct);

        States(client, explicitly, sparse, cleared, dictionary).ShouldBe(
            [("S-2", null, null), ("S-2", "old", "1.0"), ("S-2", null, "1.0"), ("S-2", null, "1.0")]);
    }

    [Fact]
    public void A_field_that_is_cleared_takes_the_place_of_its_value()
    {
        RecordJson record = RecordJson.From(Whole, SparseShipmentJson.Default.Shipment).Clearing("NAME", "Deliver_On__c");

        JsonElement json = JsonElement.Parse(record.Utf8.Span);
        json.EnumerateObject().Count(member => member.Name.Equals("name", StringComparison.OrdinalIgnoreCase)).ShouldBe(1);
        (json.GetProperty("NAME").ValueKind, json.GetProperty("Deliver_On__c").ValueKind).ShouldBe((JsonValueKind.Null, JsonValueKind.Null));
        json.GetProperty("class").GetString().ShouldBe("new");
    }

    [Fact]
    public void A_dictionary_is_written_alike_where_times_have_dots_and_numbers_commas()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var danish = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (danish.DateTimeFormat.TimeSeparator, danish.NumberFormat.NumberDecimalSeparator) = (".", ",");
        CultureInfo.CurrentCulture = danish;
        try
        {
            RecordJson record = new Dictionary<string, object?> { ["D"] = Whole.DeliverOn, ["T"] = Whole.DeliverAt, ["M"] = Whole.SentAt, ["N"] = 1.5 };

            Encoding.UTF8.GetString(record.Utf8.Span).ShouldBe("""{"D":"2026-03-29","T":"10:15:00.250Z","M":"2026-03-29T09:30:00.000Z","N":1.5}""");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("10:15:00.000Z", "10:15:00")]
    [InlineData("10:15:00", "10:15:00")]
    [InlineData("23:59:59.999Z", "23:59:59.999")]
    public void Times_are_read_as_orgs_write_them(string text, string time) =>
        JsonSerializer.Deserialize($$"""{"Deliver_At__c":"{{text}}"}""", ShipmentJson.Default.Shipment)!.DeliverAt
            .ShouldBe(TimeOnly.Parse(time, CultureInfo.InvariantCulture));

    [Fact]
    public void A_text_that_is_no_time_is_refused() => Should.Throw<JsonException>(() =>
        JsonSerializer.Deserialize("""{"Deliver_At__c":"ten"}""", ShipmentJson.Default.Shipment));

    [Fact]
    public void Records_of_a_subquery_and_odd_numbers_are_read_into_dictionaries()
    {
        Dictionary<string, object?> record = JsonSerializer.Deserialize("""
            {"attributes":{"type":"Account"},"Id":"001","Big":1e300,"Flag":true,"Nothing":null,
             "Contacts":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact"},"Id":"003"}]},"Contacts2":null}
            """, RecordFields.Type)!;

        record.Keys.ShouldBe(["Id", "Big", "Flag", "Nothing", "Contacts", "Contacts2"]);
        (record["Big"], record["Flag"], record["Nothing"]).ShouldBe((1e300, true, null));
        ((List<object?>)record["Contacts"]!).Single().ShouldBeOfType<Dictionary<string, object?>>().ShouldBe([KeyValuePair.Create("Id", (object?)"003")]);
    }

    [Fact]
    public void Records_of_a_subquery_that_are_not_all_keep_the_way_to_the_next_ones()
    {
        Dictionary<string, object?> record = JsonSerializer.Deserialize(LongSubquery, RecordFields.Type)!;

        var contacts = (Dictionary<string, object?>)record["Contacts"]!;
        (contacts["totalSize"], contacts["nextRecordsUrl"]).ShouldBe((300m, NextContacts));
        ((List<object?>)contacts["records"]!).Single().ShouldBeOfType<Dictionary<string, object?>>()["Id"].ShouldBe("003");
    }

    [Fact]
    public async Task Records_of_a_subquery_are_a_page_of_a_typed_record()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Answer.Ok($$"""{"totalSize":2,"done":true,"records":[{{LongSubquery}},{"Id":"002","Contacts":null}]}"""));
        org.On($"GET {NextContacts}", Pages.Page(300, null, "004"));
        using var client = new Client(org);

        List<Parent> parents = await client.Rest.QueryAsync("select Id, (select Id from Contacts) from Account", ParentJson.Default.Parent, Ct).ToListAsync(Ct);
        QueryPage<Child> more = await client.Rest.QueryMoreAsync(parents[0].Contacts!.NextRecordsUrl!, ParentJson.Default.Child, Ct);

        (parents[0].Contacts!.TotalSize, parents[0].Contacts!.Records.Single().Id).ShouldBe((300, "003"));
        (more.NextRecordsUrl, more.Records.Single().Id, parents[1].Contacts).ShouldBe((null, "004", null));
    }

    [Fact]
    public void A_field_that_only_the_org_writes_is_read_and_not_sent()
    {
        Parent parent = JsonSerializer.Deserialize("""{"Id":"001","Score__c":7}""", ParentJson.Default.Parent)!;

        parent.Score.ShouldBe(7);
        Encoding.UTF8.GetString(RecordJson.From(parent, ParentJson.Default.Parent).Utf8.Span).ShouldBe("""{"Id":"001"}""");
    }

    [Fact]
    public void A_dictionary_holds_numbers_of_every_size_and_lists()
    {
        RecordJson record = new Dictionary<string, object?>
        {
            ["Small"] = (short)-3,
            ["Byte"] = (byte)3,
            ["Unsigned"] = 3u,
            ["Single"] = 1.5f,
            ["Long"] = 9007199254740993L,
            ["Decimal"] = 79228162514264337593543950335m,
            ["Precise"] = 0.1234567890123456789012345678m,
            ["Ids"] = new List<string> { "001", "002" },
            ["Lines"] = new[] { new Dictionary<string, object?> { ["Day"] = new DateOnly(2026, 3, 29) } },
            ["None"] = Array.Empty<object?>(),
        };

        Encoding.UTF8.GetString(record.Utf8.Span).ShouldBe(
            """{"Small":-3,"Byte":3,"Unsigned":3,"Single":1.5,"Long":9007199254740993,"Decimal":79228162514264337593543950335,"""
            + """ "Precise":0.1234567890123456789012345678,"Ids":["001","002"],"Lines":[{"Day":"2026-03-29"}],"None":[]}""".TrimStart());
        JsonSerializer.Deserialize(record.Utf8.Span, RecordFields.Type)!["Long"].ShouldBe(9007199254740993m);
    }

    [Fact]
    public void What_cannot_be_sent_is_refused_by_the_name_of_its_field()
    {
        foreach (object value in (object[])[new DateTime(2026, 3, 29, 0, 0, 0, DateTimeKind.Utc), double.NaN, new Dictionary<string, string> { ["a"] = "b" }, new[] { Guid.Empty }])
            Should.Throw<ArgumentException>(() => RecordJson.FromDictionary(new Dictionary<string, object?> { ["Odd__c"] = value })).Message.ShouldContain("Odd__c");
    }

    private const string NextContacts = "/services/data/v62.0/query/0r8-3";

    private const string LongSubquery =
        """{"attributes":{"type":"Account"},"Id":"001","Score__c":1,"Contacts":{"totalSize":300,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/0r8-3","""
        + """ "records":[{"attributes":{"type":"Contact"},"Id":"003"}]}}""";

    private static string Created(SimulatedClient client) => client.Org.Create(SObject, new { Name = "S-1", @class = "old", Weight__c = 1 });

    private static (string?, string?, string?)[] States(SimulatedClient client, params string[] ids) =>
        [.. ids.Select(id => client.Org.Read(SObject, id)!.Value)
            .Select(record => (record.GetProperty("Name").GetString(), record.GetProperty("class").GetString(), Text(record.GetProperty("Weight__c"))))];

    private static string? Text(JsonElement value) => value.ValueKind is JsonValueKind.Null ? null : value.GetRawText();
}
