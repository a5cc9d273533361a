namespace SalesforceBridge.Org;

/// <summary>An org's id in its two forms: 15 characters where capitals count, and 18 with three more that say which letters are capitals.</summary>
internal static class OrgId
{
    private const int Short = 15;
    private const int Group = 5;
    private const string Suffixes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    /// <summary>The id with 18 characters.</summary>
    /// <param name="id">15 or 18 characters.</param>
    public static string Long(string id) =>
        id[..Short] + string.Concat(Enumerable.Range(0, Short / Group).Select(group => Suffixes[CapitalsOf(id.AsSpan(group * Group, Group))]));

    /// <summary>Whether two ids are one org's.</summary>
    public static bool AreSame(string one, string other) => one.AsSpan(0, Short).SequenceEqual(other.AsSpan(0, Short));

    private static int CapitalsOf(ReadOnlySpan<char> letters)
    {
        int capitals = 0;
        for (int at = 0; at < letters.Length; at++)
            capitals |= char.IsAsciiLetterUpper(letters[at]) ? 1 << at : 0;
        return capitals;
    }
}
