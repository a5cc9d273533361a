using System.Text;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>An intake that runs until it is disposed.</summary>
internal sealed class RunningIntake : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public RunningIntake(Middle middle, IntakeLimits? limits = null)
    {
        Intake = new Intake(middle.Database, middle.Bells, new StorageGauge(middle.Database), Spare, limits ?? new IntakeLimits(), TimeProvider.System, Log.For<Intake>());
        Run = Task.Run(() => Intake.RunAsync(_ => Task.CompletedTask, _stop.Token));
    }

    public TestLog Log { get; } = new();

    public SpareConnection Spare { get; } = new();

    public Intake Intake { get; }

    public Task Run { get; }

    public static IntakeRequest Request(string source, params string[] payloads) =>
        new([.. payloads.Select(payload => new NewMessage(source, Encoding.UTF8.GetBytes(payload)))]);

    public Task<IntakeAnswer> AcceptAsync(string source, params string[] payloads) => AcceptAsync(Request(source, payloads));

    public Task<IntakeAnswer> AcceptAsync(IntakeRequest request) => Intake.AcceptAsync(request, TestContext.Current.CancellationToken);

    public void Stop() => _stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Run.WaitAsync(TimeSpan.FromSeconds(40));
        _stop.Dispose();
    }
}
