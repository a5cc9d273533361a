using System.Text;

namespace SalesforceBridge.Messaging.Tests.Callers;

public sealed class CallerSealTests
{
    private const string Token = "00DSM0000000001!AQtoken-of-ann";
    private readonly CallerSeal _seal = new("a key of the test, 0123456789");

    [Fact]
    public void A_sealed_token_opens_as_it_was()
    {
        SealedCaller ann = _seal.Seal("005A", Token);

        _seal.Open(ann).ShouldBe(Token);
        new CallerSeal("a key of the test, 0123456789").Open(ann).ShouldBe(Token, "another process with the same key");
        Encoding.Latin1.GetString(ann.Token).ShouldNotContain("token-of-ann");
        $"{ann} {new CallerToken("005A", Token)}".ShouldNotContain("token-of-ann");
    }

    [Fact]
    public void A_token_changed_in_any_byte_does_not_open()
    {
        SealedCaller ann = _seal.Seal("005A", Token);

        for (int n = 0; n < ann.Token.Length; n++)
        {
            byte[] changed = [.. ann.Token];
            changed[n] ^= 1;
            _seal.Open(ann with { Token = changed }).ShouldBeNull($"byte {n}");
            _seal.Open(ann with { Token = ann.Token[..n] }).ShouldBeNull($"cut to {n} bytes");
        }
    }

    [Fact]
    public void A_token_opens_only_as_its_own_callers()
    {
        SealedCaller ann = _seal.Seal("005A", Token), bob = _seal.Seal("005B", Token), again = _seal.Seal("005A", Token);

        _seal.Open(ann with { Token = bob.Token }).ShouldBeNull();
        _seal.Open(ann with { Token = again.Token }).ShouldBeNull("the same user's, under another id");
        _seal.Open(ann with { UserId = "005B" }).ShouldBeNull();
        _seal.Open(ann with { Id = bob.Id }).ShouldBeNull();
    }

    [Fact]
    public void Another_key_opens_nothing() => new CallerSeal("another key, 0123456789").Open(_seal.Seal("005A", Token)).ShouldBeNull();

    [Fact]
    public void The_same_token_never_looks_the_same() =>
        Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(_seal.Seal("005A", Token).Token)).Distinct().Count().ShouldBe(100);
}
