using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Bayeux.Tests;

public sealed class ReplyReaderTests
{
    private const string Reply = """  [ {"data":{"a":[1,{"b":"]}\\\" ü "}]},"channel":"/x"} , null, [{"no":1}], "}", {"channel":"/meta/connect"}, {} ]   """;

    private static readonly string[] Messages =
        ["""{"data":{"a":[1,{"b":"]}\\\" ü "}]},"channel":"/x"}""", """{"channel":"/meta/connect"}""", "{}"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task The_messages_are_the_same_however_the_reply_arrives(int step) =>
        (await ReadAsync(Encoding.UTF8.GetBytes(Reply), step)).ShouldBe(Messages);

    [Fact]
    public async Task A_message_may_be_larger_than_any_buffer()
    {
        string large = $$"""{"data":"{{new string('x', 3_000_000)}}","channel":"/x"}""";

        IReadOnlyList<string> messages = await ReadAsync(Encoding.UTF8.GetBytes($"[{{}},{large},{large}]"), 50_000);

        messages.ShouldBe(["{}", large, large]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("{}")]
    [InlineData("[{}")]
    [InlineData("[{}]]")]
    [InlineData("[{},]")]
    public async Task Anything_but_an_array_is_refused(string reply) =>
        await Should.ThrowAsync<JsonException>(() => ReadAsync(Encoding.UTF8.GetBytes(reply), 5));

    private static async Task<IReadOnlyList<string>> ReadAsync(byte[] reply, int step)
    {
        using var reader = new ReplyReader(new SteppingStream(reply, step));
        List<string> messages = [];
        while (await reader.FillAsync(TestContext.Current.CancellationToken))
            while (reader.TryTake(out ReadOnlySpan<byte> message))
                messages.Add(Encoding.UTF8.GetString(message));
        return messages;
    }

    private sealed class SteppingStream(byte[] content, int step) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
