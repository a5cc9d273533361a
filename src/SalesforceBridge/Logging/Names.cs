using System.Text;

namespace SalesforceBridge.Logging;

/// <summary>Names as log readers type them: <c>ReplayId</c> is <c>replay_id</c>.</summary>
internal static class Names
{
    public static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            char letter = name[i];
            if (char.IsAsciiLetterUpper(letter) && i > 0 && BeginsWord(name, i))
                snake.Append('_');
            snake.Append(char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? char.ToLowerInvariant(letter) : '_');
        }

        return snake.ToString();
    }

    // The D of ReplayId does not, nor do the letters inside HTTPStatus but its S does.
    private static bool BeginsWord(string name, int i) =>
        char.IsAsciiLetterLower(name[i - 1]) || char.IsAsciiDigit(name[i - 1])
        || (char.IsAsciiLetterUpper(name[i - 1]) && i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1]));
}
