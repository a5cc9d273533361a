using System.Diagnostics;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.InteropTests.Bayeux;

public sealed class MemoryTests
{
    private const string Reader = "SalesforceBridge.InteropTests.Bayeux.MemoryTests.Reads_one_reply_of_fifty_megabytes";
    private const long MostBytes = 200L << 20;

    [Fact]
    public async Task A_reply_of_fifty_megabytes_leaves_memory_flat()
    {
        // In a process of its own, where nothing else takes memory.
        string assembly = typeof(MemoryTests).Assembly.Location;
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [assembly, "-explicit", "only", "-method", Reader])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(0, output);
        output.ShouldContain("Total: 1,");
        TestContext.Current.TestOutputHelper!.WriteLine(output);
    }

    [Fact(Explicit = true)]
    public async Task Reads_one_reply_of_fifty_megabytes()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(ct);
        await server.PublishAsync(100_000, ct, perPoll: 100_000);
        await using var reading = new StreamReading(server.Tokens(), new ReplayFrom.Earliest(), 100_000);

        await reading.ReachedAsync();

        (reading.Count, reading.OutOfOrder).ShouldBe((100_000, 0));
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine($"peak {self.PeakWorkingSet64 >> 20} MB, allocated {GC.GetTotalAllocatedBytes() / 100_000} bytes an event");
        self.PeakWorkingSet64.ShouldBeLessThan(MostBytes);
    }
}
