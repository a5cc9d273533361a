using System.Collections.Frozen;

namespace SalesforceBridge.Generate;

/// <summary>The names of one scope of C#: each is legal, and none is there twice.</summary>
/// <param name="comparer">Which names are the same.</param>
/// <param name="taken">What else has a name there.</param>
internal sealed class CSharpNames(StringComparer comparer, params IEnumerable<string> taken)
{
    private static readonly FrozenSet<string> Keywords =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto",
        "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
        "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc",
        "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using",
        "virtual", "void", "volatile", "while",
    ];

    /// <summary>What every record has already, seen or not.</summary>
    public static readonly IReadOnlyList<string> OfRecords =
    [
        "Clone", "Deconstruct", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "PrintMembers",
        "ReferenceEquals", "ToString",
    ];

    private readonly HashSet<string> _taken = new(taken, comparer);

    /// <summary>The names of a scope as C# compares them.</summary>
    /// <param name="taken">What else has a name there.</param>
    public CSharpNames(params IEnumerable<string> taken)
        : this(StringComparer.Ordinal, taken)
    {
    }

    /// <summary>A name like this one, which is legal and nobody else's from now on.</summary>
    public string Take(string wanted)
    {
        string legal = Legal(wanted);
        string name = legal;
        for (int n = 2; !_taken.Add(name); n++)
            name = $"{legal}_{n}";
        return name;
    }

    /// <summary>Takes for a text, such as a value of a list, the name that its words make together.</summary>
    public string TakeForText(string text)
    {
        string[] words = string.Concat(text.Select(letter => char.IsLetter(letter) || char.IsDigit(letter) ? letter : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Take(words.Length == 0 ? "Value" : string.Concat(words.Select(Capital)));
    }

    /// <summary>Whether a text names a namespace.</summary>
    public static bool IsNamespace(string text) => text.Split('.').All(part => part.Length > 0 && Legal(part) == part);

    // A word of C# would need an @, which the source generator of System.Text.Json does not write: a capital is enough, since there is no such word.
    private static string Legal(string wanted)
    {
        string clean = string.Concat(wanted.Select(letter => char.IsLetter(letter) || char.IsDigit(letter) ? letter : '_'));
        if (clean.Length == 0 || char.IsDigit(clean[0]))
            clean = $"_{clean}";
        return Keywords.Contains(clean) ? Capital(clean) : clean;
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
