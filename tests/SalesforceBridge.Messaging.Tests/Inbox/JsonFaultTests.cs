using System.Text;
using FsCheck.Fluent;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class JsonFaultTests(JsonbOracle server) : IClassFixture<JsonbOracle>
{
    [Theory]
    [InlineData("""{"Name":"Ünïcode 😀 \ud83d\ude00 \u00e9","n":[1,-2.5e+3,0.0,true,false,null],"":{}}""")]
    [InlineData("\t\r\n \"text\" ")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("-0")]
    [InlineData("0e400000")]
    public void What_jsonb_takes_has_no_fault(string json) => Find(json).ShouldBeNull();

    [Theory]
    [InlineData("", "It is not JSON: it ends too early.")]
    [InlineData("{\"a\":1", "It is not JSON: it ends too early.")]
    [InlineData("\"a", "It is not JSON: it ends too early.")]
    [InlineData("\"a\\", "It is not JSON: it ends too early.")]
    [InlineData("hello", "It is not JSON: at byte 0 a value is expected.")]
    [InlineData("{} {}", "It is not JSON: at byte 3 something follows the value.")]
    [InlineData("{\"a\" 1}", "It is not JSON: at byte 5 a colon is expected.")]
    [InlineData("{a:1}", "It is not JSON: at byte 1 a property name is expected.")]
    [InlineData("[1,]", "It is not JSON: at byte 3 a value is expected.")]
    [InlineData("[1 2]", "It is not JSON: at byte 3 a comma or ] is expected.")]
    [InlineData("{\"a\":1;}", "It is not JSON: at byte 6 a comma or } is expected.")]
    [InlineData("[01]", "It is not JSON: at byte 3 a number starts with 0.")]
    [InlineData("[1.]", "It is not JSON: at byte 3 a digit is expected.")]
    [InlineData("[1e]", "It is not JSON: at byte 3 a digit is expected.")]
    [InlineData("\"a\nb\"", "It is not JSON: at byte 2 a string holds a control character that is not escaped.")]
    [InlineData("\"\\x\"", "It is not JSON: at byte 1 a string holds an unknown escape.")]
    [InlineData("\"\\u12g4\"", "It is not JSON: at byte 1 a string holds \\u without four hexadecimal digits.")]
    [InlineData("\"\\u12a\0\"", "It is not JSON: at byte 1 a string holds \\u without four hexadecimal digits.")]
    [InlineData("[\"\\u0000\"]", "A string holds \\u0000 at byte 2, which jsonb cannot store.")]
    [InlineData("{\"a\\u0000\":1}", "A string holds \\u0000 at byte 3, which jsonb cannot store.")]
    [InlineData("\"\\ud800\"", "A string holds half of a surrogate pair at byte 1, which jsonb cannot store.")]
    [InlineData("\"\\uDC00\\uD800\"", "A string holds half of a surrogate pair at byte 1, which jsonb cannot store.")]
    [InlineData("\"\\uD83Dx\"", "A string holds half of a surrogate pair at byte 1, which jsonb cannot store.")]
    [InlineData("[1e400000]", "A number at byte 1 is outside of what jsonb can store.")]
    [InlineData("[1e-20000]", "A number at byte 1 is outside of what jsonb can store.")]
    public void A_fault_says_what_and_where_without_the_content(string json, string fault) => Find(json).ShouldBe(fault);

    [Fact]
    public void Bytes_that_are_not_utf_8_are_a_fault() =>
        JsonFault.Find([(byte)'"', (byte)'a', 0xc3, (byte)'"']).ShouldBe("It is not UTF-8: byte 2 is wrong.");

    [Fact]
    public void Nesting_is_let_through_up_to_a_depth()
    {
        Find(Nested(JsonFault.DeepestNesting)).ShouldBeNull();
        Find(Nested(JsonFault.DeepestNesting + 1)).ShouldBe("It is nested deeper than 512 levels at byte 512.");
    }

    [Fact]
    public void A_text_that_could_outgrow_jsonb_is_a_fault()
    {
        byte[] text = new byte[JsonFault.LongestText + 1];

        JsonFault.Find(text).ShouldBe("It has 44739243 bytes and at most 44739242 are stored as JSON.");
    }

    [Fact]
    public void A_text_without_fault_costs_no_allocation()
    {
        byte[] json = Encoding.UTF8.GetBytes($$"""{"text":"a\n\ud83d\ude00","numbers":[1,2.5,-3e10],"nested":{{Nested(100)}}}""");
        JsonFault.Find(json).ShouldBeNull();

        long before = GC.GetAllocatedBytesForCurrentThread();
        JsonFault.Find(json);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public async Task A_fault_is_found_exactly_where_the_server_refuses()
    {
        IReadOnlyList<byte[]> texts = [.. JsonTexts.Any.Sample(20_000, 10)];

        bool[] taken = await server.TakesAsync(texts);

        Disagreements(texts, taken).ShouldBeEmpty();
        taken.Count(one => one).ShouldBeInRange(2_000, 18_000);
    }

    [Fact]
    public async Task The_bounds_of_numbers_are_the_servers()
    {
        byte[][] texts = [.. NumbersNearTheBounds().Select(Encoding.UTF8.GetBytes)];

        bool[] taken = await server.TakesAsync(texts);

        Disagreements(texts, taken).ShouldBeEmpty();
        taken.ShouldContain(true);
        taken.ShouldContain(false);
    }

    [Fact]
    public async Task The_server_takes_the_deepest_nesting_let_through() =>
        (await server.TakesAsync([Encoding.UTF8.GetBytes(Nested(JsonFault.DeepestNesting))])).ShouldBe([true]);

    private static string? Find(string json) => JsonFault.Find(Encoding.UTF8.GetBytes(json));

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static IEnumerable<string> Disagreements(IReadOnlyList<byte[]> texts, bool[] taken) =>
        from one in texts.Zip(taken)
        let fault = JsonFault.Find(one.First)
        where (fault is null) != one.Second
        select $"{Convert.ToHexString(one.First.AsSpan(0, Math.Min(200, one.First.Length)))} ({fault ?? "no fault"}; taken: {one.Second})";

    private static IEnumerable<string> NumbersNearTheBounds()
    {
        foreach (int digits in (int[])[131_071, 131_072, 131_073])
        {
            yield return new string('9', digits);
            yield return "-" + new string('1', digits);
            yield return $"{new string('9', digits)}.5";
            yield return $"0.{new string('0', 100)}1e{digits + 100}";
            yield return $"1e{digits - 1}";
            yield return $"12.5e{digits - 2}";
            yield return $"0.0e{digits}";
        }

        foreach (int digits in (int[])[16_382, 16_383, 16_384])
        {
            yield return "0." + new string('1', digits);
            yield return "0." + new string('0', digits);
            yield return $"1e-{digits}";
            yield return $"0e-{digits}";
            yield return $"1.50e-{digits - 2}";
            yield return $"0.{new string('0', digits + 10)}1e11";
            yield return $"1.{new string('0', digits + 50)}e50";
        }

        foreach (string exponent in (string[])["1073741822", "1073741823", "2147483647", "2147483648", "4294967296", "9223372036854775808"])
        {
            yield return $"0e{exponent}";
            yield return $"0e-{exponent}";
            yield return $"1e{exponent}";
        }
    }
}
