using System.Text;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class BulkRecordTests
{
    private static readonly HashSet<string> Blobs = new(StringComparer.OrdinalIgnoreCase) { "VersionData" };

    [Theory]
    [InlineData("""{"Name":"Ågren 𝄞"}""", "Name=Ågren 𝄞")]
    [InlineData("""{"Amount__c":12.50,"Open__c":true,"Closed__c":false}""", "Amount__c=12.50|Open__c=true|Closed__c=false")]
    [InlineData("""{"Phone":null}""", "Phone=#N/A")]
    [InlineData("""{"attributes":{"type":"Contact"},"Account__r":{"attributes":{"type":"Account"},"Ext__c":"A 1"}}""", "Account__r.Ext__c=A 1")]
    [InlineData("""{"Note__c":"a \"b\"\n,c"}""", "Note__c=a \"b\"\n,c")]
    [InlineData("""{"VersionData":null}""", "VersionData=#N/A")]
    public void A_record_becomes_texts_by_column(string json, string cells)
    {
        BulkRecord.TryRead(Record(json), Blobs, out BulkRecord? record, out _).ShouldBeTrue();

        string.Join('|', record!.Cells.Select(cell => $"{cell.Key}={cell.Value}")).ShouldBe(cells);
    }

    [Theory]
    [InlineData("""{"Name":""}""", "Name", BulkUnfit.EmptyText)]
    [InlineData("""{"Name":"#N/A"}""", "Name", BulkUnfit.NullMarker)]
    [InlineData("""{"versiondata":"AQID"}""", "versiondata", BulkUnfit.Blob)]
    [InlineData("""{"Tags__c":["a"]}""", "Tags__c", BulkUnfit.Nested)]
    [InlineData("""{"Account__r":{}}""", "Account__r", BulkUnfit.Nested)]
    [InlineData("""{"Account__r":null}""", "Account__r", BulkUnfit.Nested)]
    [InlineData("""{"Account__r":{"A__c":"1","B__c":"2"}}""", "Account__r", BulkUnfit.Nested)]
    [InlineData("""{"Account__r":{"Owner__r":{"A__c":"1"}}}""", "Account__r.Owner__r", BulkUnfit.Nested)]
    [InlineData("""{"Account__r":{"A__c":""}}""", "Account__r.A__c", BulkUnfit.EmptyText)]
    [InlineData("""{"Name":"a","name":"b"}""", "name", BulkUnfit.Twice)]
    [InlineData("""{"Name":"\ud800"}""", "Name", BulkUnfit.NotText)]
    [InlineData("""{"Name":"a\u0000b"}""", "Name", BulkUnfit.NotText)]
    [InlineData("{}", "", BulkUnfit.NotARecord)]
    [InlineData("[1]", "", BulkUnfit.NotARecord)]
    [InlineData("""{"Name":""", "", BulkUnfit.NotARecord)]
    public void What_CSV_cannot_say_is_refused_before_anything_is_sent(string json, string column, BulkUnfit why)
    {
        BulkRecord.TryRead(Record(json), Blobs, out _, out BulkRefusal? refusal).ShouldBeFalse();

        refusal.ShouldBe(new BulkRefusal(column, why));
    }

    [Theory]
    [InlineData(131_072, 1, null)]
    [InlineData(131_073, 1, BulkUnfit.TooLong)]
    [InlineData(100_000, 4, null)]
    [InlineData(100_001, 4, BulkUnfit.TooLong)]
    public void What_is_longer_than_Bulk_takes_is_refused(int length, int fields, BulkUnfit? why)
    {
        var record = Enumerable.Range(0, fields).ToDictionary(n => $"F{n}__c", object? (_) => new string('x', length));

        BulkRecord.TryRead(RecordJson.FromDictionary(record), null, out _, out BulkRefusal? refusal);

        (refusal?.Why).ShouldBe(why);
    }

    [Fact]
    public void The_rows_of_a_table_share_the_columns_that_any_has()
    {
        BulkTable table = BulkTable.Of([Read("""{"Id":"1","Name":"a"}"""), Read("""{"id":"2","Phone":null}""")], new BulkSettings(), new BulkFormat());

        table.Columns.Names.ShouldBe(["Id", "Name", "Phone"]);
        table.Rows.Select(row => string.Join('|', row.Cells)).ShouldBe(["1|a|", "2||#N/A"]);
        table.Rows[1]["phone"].ShouldBe(BulkRow.Null);
        table.Rows[1]["Nope"].ShouldBeNull();
    }

    [Fact]
    public void A_table_takes_as_many_records_as_an_upload_may_hold()
    {
        BulkRecord[] records = [.. Enumerable.Range(0, 100).Select(n => Read($$"""{"Name":"{{n:000000}}"}"""))];

        // "Name\n" and ten lines of seven bytes.
        BulkTable.Of(records, new BulkSettings { LargestUpload = 75 }, new BulkFormat()).Rows.Count.ShouldBe(10);
        BulkTable.Of(records, new BulkSettings { LargestUpload = 74 }, new BulkFormat()).Rows.Count.ShouldBe(9);
        Should.Throw<ArgumentException>(() => BulkTable.Of(records, new BulkSettings { LargestUpload = 11 }, new BulkFormat()));
    }

    private static BulkRecord Read(string json)
    {
        BulkRecord.TryRead(Record(json), null, out BulkRecord? record, out _).ShouldBeTrue();
        return record!;
    }

    private static RecordJson Record(string json) => new(Encoding.UTF8.GetBytes(json));
}
