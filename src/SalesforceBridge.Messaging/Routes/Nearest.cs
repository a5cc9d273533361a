namespace SalesforceBridge.Messaging;

/// <summary>Advice for a word that is not known: the known word it was most likely meant to be.</summary>
internal static class Nearest
{
    // A word that needs more changes than this was not meant to be the nearest one.
    private const int MostChanges = 3;

    /// <summary>"did you mean `update`?", or all known words when none is near.</summary>
    public static string To(string word, IReadOnlyCollection<string> known)
    {
        string nearest = known.MinBy(candidate => Changes(word, candidate))!;
        return Changes(word, nearest) <= Math.Min(MostChanges, word.Length - 1)
            ? $"did you mean `{nearest}`?"
            : $"write one of {string.Join(", ", known)}";
    }

    // The letters to insert, remove or replace to make one word the other (Levenshtein's distance).
    private static int Changes(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
