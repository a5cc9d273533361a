namespace SalesforceBridge.Sandbox.Live;

/// <summary>Lines for a person: news stay, and below them on a terminal one line is kept up to date.</summary>
internal sealed class Screen(TextWriter output, bool isTerminal, TimeProvider time)
{
    private const string ClearLine = "\r\u001b[2K";
    private readonly Lock _writing = new();
    private string _status = "";

    /// <summary>A line that stays.</summary>
    public void Tell(string news)
    {
        lock (_writing)
            output.Write(isTerminal ? $"{ClearLine}{Now}  {news}\n{_status}" : $"{Now}  {news}\n");
    }

    /// <summary>A line that stays, without the time.</summary>
    public void Print(string text)
    {
        lock (_writing)
            output.Write($"{(isTerminal ? ClearLine : "")}{text}\n");
    }

    /// <summary>How things are now; on a terminal it takes the place of what was shown before.</summary>
    public void Show(string status)
    {
        lock (_writing)
        {
            _status = isTerminal ? Fitting($"{Now}  {status}") : "";
            output.Write(isTerminal ? $"{ClearLine}{_status}" : $"{Now}  {status}\n");
        }
    }

    private string Now => $"{time.GetLocalNow():HH:mm:ss}";

    // A line that wraps could not be taken back.
    private static string Fitting(string line) => line.Length < Console.WindowWidth ? line : line[..Math.Max(Console.WindowWidth - 1, 0)];
}
