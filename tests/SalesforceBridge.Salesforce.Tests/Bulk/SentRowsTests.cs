using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class SentRowsTests
{
    private static readonly BulkColumns Columns = new(["Id", "Ext__c", "Name"]);
    private static readonly BulkColumns Told = new(["sf__Id", "sf__Created", "Name", "Ext__c", "Id"]);

    [Theory]
    [InlineData(BulkOperation.Update)]
    [InlineData(BulkOperation.Delete)]
    [InlineData(BulkOperation.HardDelete)]
    public void A_result_finds_its_row_by_id_in_either_length(BulkOperation operation)
    {
        var sent = new SentRows<string>(operation, null);
        sent.Add("first", Row("001000000000001AAA", null, "a"));
        sent.Add("second", Row("001000000000002", null, "b"));

        Find(sent, Told, "x", "false", "other", null, "001000000000002AAA").ShouldBe("second");
        Find(sent, Told, "x", "false", "other", null, "001000000000001").ShouldBe("first");
    }

    [Fact]
    public void A_result_finds_its_row_by_external_id()
    {
        var sent = new SentRows<string>(BulkOperation.Upsert, "ext__C");
        sent.Add("first", Row(null, "E1", "a"));
        sent.Add("second", Row(null, "E2", "a"));

        Find(sent, Told, "x", "true", "written in another way", "E2", null).ShouldBe("second");
        Find(sent, Told, "y", "true", "written in another way", "E1", null).ShouldBe("first");
    }

    [Fact]
    public void A_result_of_an_insert_finds_its_row_by_content_whatever_the_order_of_columns()
    {
        var sent = new SentRows<string>(BulkOperation.Insert, null);
        sent.Add("first", Row(null, "E", "a"));
        sent.Add("second", Row(null, null, "E"));

        Find(sent, Told, "x", "true", "E", null, null).ShouldBe("second");
        Find(sent, Told, "y", "true", "a", "E", null).ShouldBe("first");
        Find(sent, Told, "z", "true", "a", "E", null).ShouldBeNull();
    }

    [Fact]
    public void Equal_rows_are_interchangeable_and_each_is_found_once()
    {
        var sent = new SentRows<int>(BulkOperation.Insert, null);
        for (int tag = 1; tag <= 3; tag++)
            sent.Add(tag, Row(null, null, "same"));
        BulkRow result = new(Told, ["x", "true", "same", null, null]);

        int[] found = [.. Enumerable.Range(0, 3).Select(_ => sent.TryTake(result, out int tag) ? tag : 0)];

        found.Order().ShouldBe([1, 2, 3]);
        sent.TryTake(result, out _).ShouldBeFalse();
        sent.Waiting.ShouldBeEmpty();
    }

    [Fact]
    public void Two_rows_with_one_id_are_told_apart_by_their_content()
    {
        var sent = new SentRows<string>(BulkOperation.Update, null);
        sent.Add("first", Row("001000000000001AAA", null, "a"));
        sent.Add("second", Row("001000000000001AAA", null, "b"));
        sent.Add("third", Row("001000000000001AAA", null, "c"));

        Find(sent, Told, "x", "false", "b", null, "001000000000001AAA").ShouldBe("second");
        Find(sent, Told, "x", "false", "a", null, "001000000000001AAA").ShouldBe("first");
        Find(sent, Told, "x", "false", "c", null, "001000000000001AAA").ShouldBe("third");
    }

    [Fact]
    public void Rows_without_a_result_still_wait()
    {
        var sent = new SentRows<string>(BulkOperation.Insert, null);
        sent.Add("first", Row(null, null, "a"));
        sent.Add("second", Row(null, null, "b"));

        Find(sent, Told, "x", "true", "b", null, null).ShouldBe("second");
        sent.Waiting.ShouldBe(["first"]);
        sent.Count.ShouldBe(2);
    }

    [Fact]
    public void Cells_do_not_run_into_one_another()
    {
        var sent = new SentRows<string>(BulkOperation.Insert, null);
        sent.Add("first", BulkDriver.Row(new BulkColumns(["A", "B"]), "1", "2B3"));

        Find(sent, new BulkColumns(["A", "B"]), "12B", "3").ShouldBeNull();
    }

    [Fact]
    public void Any_shuffling_gives_each_row_its_own_result()
    {
        var sent = new SentRows<int>(BulkOperation.Insert, null);
        for (int tag = 0; tag < 20_000; tag++)
            sent.Add(tag, Row(null, null, $"Account {tag / 2}"));
        int[] order = [.. Enumerable.Range(0, 20_000)];
        Random.Shared.Shuffle(order);

        int[] found = [.. order.Select(n => sent.TryTake(new BulkRow(Told, [$"id {n}", "true", $"Account {n / 2}", null, null]), out int tag) ? tag : -1)];

        found.Select(tag => tag / 2).ShouldBe(order.Select(n => n / 2));
        found.Distinct().Count().ShouldBe(20_000);
    }

    [Fact]
    public void A_row_takes_about_a_hundred_bytes_whatever_it_holds()
    {
        const int Rows = 100_000;
        string note = new('x', 1_000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var sent = new SentRows<long>(BulkOperation.Insert, null);
        for (int tag = 0; tag < Rows; tag++)
            sent.Add(tag, Row(null, null, $"{note}{tag}"));
        long after = GC.GetTotalMemory(forceFullCollection: true);

        sent.Count.ShouldBe(Rows);
        // Lists grow by doubling; other tests run beside this one.
        ((after - before) / Rows).ShouldBeLessThan(400);
    }

    [Fact]
    public void An_upsert_needs_its_field() => Should.Throw<ArgumentException>(() => new SentRows<int>(BulkOperation.Upsert, ""));

    private static BulkRow Row(params string?[] cells) => new(Columns, cells);

    private static string? Find(SentRows<string> sent, BulkColumns columns, params string?[] cells) =>
        sent.TryTake(new BulkRow(columns, cells), out string? tag) ? tag : null;
}
