using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace SalesforceBridge.Messaging.Tests.Inbox;

/// <summary>JSON texts as a careless or hostile sender would write them: most almost right.</summary>
internal static class JsonTexts
{
    private static readonly string[] StringParts =
    [
        "a", "Ünï", "😀", " ", "\\\"", "\\\\", "\\/", "\\n", "\\b\\f\\r\\t", "\\u0041", "\\u00e9", "\\uD83D\\ude00", "\u007f", "\u2028",
        "\\u0000", "\\ud800", "\\uDFFF", "\\uDC00\\uD800", "\\ud83d\\n", "\\ud83dx", "\\ud83d\\ud83d\\ude00", "\\u12", "\\uD83D\\u", "\\x", "\\",
        "\t", "\n", "\u0001", "\u0000", "\"", "\\u000g", "\\U0041", "\\u+041", "\\u 041", "\uFFFD", "\\uFFFF",
    ];

    private static readonly string[] Wholes = ["0", "1", "12", "-7", "-0", "00", "01", "-", "+1", "-01", "9007199254740993", "0x1", "1_0", "NaN", "Infinity", ""];

    private static readonly string[] Fractions = ["", ".0", ".5", ".000000001", ".", ".5.5"];

    private static readonly string[] Exponents =
        ["", "", "e0", "E+5", "e-3", "e", "e+", "e131071", "e131072", "E-16383", "e-16384", "e400000", "e-20000", "e99999999999999999999", "e0000000000000000000000001"];

    private static readonly string[] Literals = ["true", "false", "null", "True", "nul", "nullx", "undefined", "tru\u00e9", "'a'", "/**/1", "\u00a01", "\uFEFF1"];

    private static readonly byte[] Mutants = [.. "{}[],:\"\\u0d8 \t\n-+.eE1tfn"u8, 0x00, 0x1f, 0x7f, 0x80, 0xc0, 0xc3, 0xed, 0xa0, 0xef, 0xbb, 0xbf, 0xf4, 0x90, 0xff];

    private static Gen<string> Text { get; } =
        from parts in Gen.Resize(Gen.ArrayOf(Gen.Frequency((6, Gen.Elements(StringParts[..14])), (1, Gen.Elements(StringParts)))), 4)
        select $"\"{string.Concat(parts)}\"";

    private static Gen<string> Number { get; } = Gen.Frequency(
        (3, from whole in Gen.Elements(Wholes[..5]) from fraction in Gen.Elements(Fractions[..4]) select whole + fraction),
        (2, from whole in Gen.Elements(Wholes) from fraction in Gen.Elements(Fractions) from exponent in Gen.Elements(Exponents) select whole + fraction + exponent));

    /// <summary>A JSON value, and one in three times a few of its bytes changed.</summary>
    public static Gen<byte[]> Any { get; } =
        from json in Padded(Value(3))
        from edits in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from places in Gen.ArrayOf(Gen.Choose(0, 10_000), 3)
        from bytes in Gen.ArrayOf(Gen.Elements(Mutants), 3)
        from kinds in Gen.ArrayOf(Gen.Choose(0, 2), 3)
        select Edited(Encoding.UTF8.GetBytes(json), places[..edits], bytes, kinds);

    private static Gen<string> Value(int depth)
    {
        Gen<string> atom = Gen.Frequency((6, Text), (4, Number), (3, Gen.Elements(Literals[..3])), (1, Gen.Elements(Literals)));
        if (depth == 0)
            return atom;

        Gen<string> inner = Padded(Value(depth - 1));
        Gen<string> array = from items in Gen.Resize(Gen.ArrayOf(inner), 3) select $"[{string.Join(',', items)}]";
        Gen<string> member = from name in Padded(Text) from value in inner select $"{name}:{value}";
        Gen<string> @object = from members in Gen.Resize(Gen.ArrayOf(member), 3) select $"{{{string.Join(',', members)}}}";
        return Gen.Frequency((1, atom), (2, array), (3, @object));
    }

    private static Gen<string> Padded(Gen<string> inner) =>
        from before in Gen.Elements("", "", "", " ", "\n\t", "\r\n")
        from value in inner
        from after in Gen.Elements("", "", "", " ", "\t ")
        select before + value + after;

    private static byte[] Edited(byte[] json, int[] places, byte[] bytes, int[] kinds)
    {
        List<byte> edited = [.. json];
        for (int i = 0; i < places.Length; i++)
        {
            int at = places[i] % (edited.Count + 1);
            if (kinds[i] > 0 && at < edited.Count)
                edited.RemoveAt(at);
            if (kinds[i] < 2)
                edited.Insert(at, bytes[i]);
        }

        return [.. edited];
    }
}
