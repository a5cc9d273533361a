using System.Text;
using CsvHelper;
using SalesforceBridge.Salesforce.Bulk;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class CsvTests
{
    private static readonly string?[] Nasty =
    [
        "plain", "a,b;c|d^e`f\tg", "a \"quoted\" word", "\"", "two\nlines", "two\r\nlines", "a lone \r", " blanks ", "𝄞 and 你好", "#N/A", "'", null,
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<BulkDelimiter, BulkLineEnding> Forms
    {
        get
        {
            var forms = new TheoryData<BulkDelimiter, BulkLineEnding>();
            foreach (BulkDelimiter delimiter in Enum.GetValues<BulkDelimiter>())
            {
                forms.Add(delimiter, BulkLineEnding.Lf);
                forms.Add(delimiter, BulkLineEnding.CrLf);
            }

            return forms;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task What_is_written_is_read_again(BulkDelimiter delimiter, BulkLineEnding ending)
    {
        var format = new BulkFormat(delimiter, ending);
        var columns = new BulkColumns([.. Enumerable.Range(0, Nasty.Length).Select(n => $"Field_{n}__c")]);
        byte[] csv = Write(columns, format, [Nasty, [.. Nasty.Reverse()]]);
        using var reader = new CsvRowReader(new MemoryStream(csv), format);

        (await reader.ReadAsync(Ct))!.Value.Cells.ShouldBe(Nasty);
        (await reader.ReadAsync(Ct))!.Value.Cells.ShouldBe(Nasty.Reverse());
        (await reader.ReadAsync(Ct)).ShouldBeNull();
        csv[^1].ShouldBe((byte)'\n');
    }

    [Theory]
    [InlineData("A,B\n\"1\",\"2\"\n\"3\"\n", "a row that is too short")]
    [InlineData("A,B\n\"1\",\"2\"\n\"3\",\"4\",\"5\"\n", "a row that is too long")]
    [InlineData("A,B\n\"1\",\"2\"\n\"3\",\"4", "a quote that does not end")]
    [InlineData("A,B\n\"1\",\"2\"\n\"3\"x,\"4\"\n", "text behind a quote")]
    public async Task What_is_no_CSV_is_found_where_it_is(string csv, string what)
    {
        using var reader = new CsvRowReader(new MemoryStream(Encoding.UTF8.GetBytes(csv)), new BulkFormat());

        (await reader.ReadAsync(Ct))!.Value["B"].ShouldBe("2");
        await Should.ThrowAsync<CsvFormatException>(reader.ReadAsync(Ct).AsTask(), what);
    }

    [Fact]
    public async Task A_header_that_names_a_column_twice_is_none()
    {
        using var reader = new CsvRowReader(new MemoryStream("A,a\n1,2\n"u8.ToArray()), new BulkFormat());

        await Should.ThrowAsync<CsvFormatException>(reader.ReadAsync(Ct).AsTask());
    }

    [Fact]
    public void A_row_of_other_columns_is_not_written()
    {
        var columns = new BulkColumns(["A", "B"]);
        using var writer = new CsvRowWriter(columns, new BulkFormat());

        Should.Throw<ArgumentException>(() => writer.Write(new BulkRow(columns, ["1"])));
    }

    private static byte[] Write(BulkColumns columns, BulkFormat format, string?[][] rows)
    {
        using var writer = new CsvRowWriter(columns, format);
        int size = writer.WriteHeader() + rows.Sum(row => writer.Write(new BulkRow(columns, row)));
        byte[] csv = writer.Written.ToArray();
        csv.Length.ShouldBe(size);
        return csv;
    }
}
