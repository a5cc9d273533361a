using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

public sealed class HstoreTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("\"a\"=>\"1\"", "a=1")]
    [InlineData("\"a\"=>NULL, \"b\"=>\"NULL\"", "a,b=NULL")]
    [InlineData("\"a b\" => \"\" ,\"c\\\"\\\\\"=>\"=>, \\\"x\\\\\"", "a b=,c\"\\==>, \"x\\")]
    public void A_text_of_the_server_is_read(string text, string pairs) =>
        HstoreText.Read(text).ShouldNotBeNull().Select(pair => pair.Value is null ? pair.Key : $"{pair.Key}={pair.Value}").ShouldBe(pairs.Length == 0 ? [] : Split(pairs));

    [Theory]
    [InlineData("a=>1")]
    [InlineData("\"a\"")]
    [InlineData("\"a\"=>")]
    [InlineData("\"a\"=>\"1")]
    [InlineData("\"a\"=>\"1\\")]
    [InlineData("\"a\"=>\"1\" \"b\"=>\"2\"")]
    [InlineData("\"a\"=>\"1\",")]
    [InlineData(",\"a\"=>\"1\"")]
    [InlineData("{\"a\": 1}")]
    public void What_is_no_hstore_is_told_so(string text) => HstoreText.Read(text).ShouldBeNull();

    [Fact]
    public async Task Whatever_the_server_writes_is_read_as_the_server_means_it()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create extension hstore");
        await using NpgsqlConnection connection = await middle.Database.Source.OpenConnectionAsync();
        Gen<string?> text = Gen.Elements("a", "\"", "\\", "=>", ",", " ", "\n", "NULL", "ü", "😀", "'").ListOf().Select(parts => (string?)string.Concat(parts));

        foreach ((string? key, string? value) in Gen.Sample(Gen.Zip(text, Gen.Frequency((4, text), (1, Gen.Constant<string?>(null)))), 300).Select(pair => (pair.Item1, pair.Item2)))
        {
            await using var command = new NpgsqlCommand("select hstore($1, $2)::text", connection)
            {
                Parameters = { new() { Value = key }, new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
            };
            HstoreText.Read((string)(await command.ExecuteScalarAsync())!).ShouldBe([new(key!, value)]);
        }
    }

    private static string[] Split(string pairs) => pairs.StartsWith("a b", StringComparison.Ordinal) ? ["a b=", "c\"\\==>, \"x\\"] : pairs.Split(',');
}
