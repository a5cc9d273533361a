namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Rows outside memory, in a temporary file that goes with the process. Written by one, then read by any.</summary>
internal sealed class RowFile : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly List<long> _ends = [];
    private FileStream? _file;
    private long _length;

    public int Count => _ends.Count;

    public void Add(ReadOnlySpan<byte> row)
    {
        _file ??= Temporary();
        _file.Write(row);
        _length += row.Length;
        _ends.Add(_length);
    }

    /// <summary>Copies rows in the order that is asked for.</summary>
    public async Task CopyToAsync(Stream destination, IEnumerable<int> rows, CancellationToken ct)
    {
        if (_file is null)
            return;
        await _file.FlushAsync(ct);
        byte[] buffer = new byte[BufferBytes];
        foreach (int row in rows)
        {
            long begin = row == 0 ? 0 : _ends[row - 1];
            int length = (int)(_ends[row] - begin);
            if (length > buffer.Length)
                buffer = new byte[length];
            RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(0, length), begin);
            await destination.WriteAsync(buffer.AsMemory(0, length), ct);
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>A file that nobody else sees and that is gone when it is closed.</summary>
    public static FileStream Temporary() => new(
        Path.Combine(Path.GetTempPath(), $"bulk-{Path.GetRandomFileName()}"),
        FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose);
}
