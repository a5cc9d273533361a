using System.Net;
using System.Net.Sockets;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class CommandTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("worker")]
    [InlineData("all")]
    public async Task A_process_refuses_to_start_with_the_list_of_faults(string process)
    {
        CommandLine command = await CommandLine.RunAsync(ConfigVars.Fresh.With("PORT", "eighty").With("LOG_FORMAT", "xml"), process);

        command.ExitCode.ShouldBe(1);
        command.Errors.ShouldStartWith("SalesforceBridge was not started: 2 config vars cannot be used.");
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var other = new TcpListener(IPAddress.IPv6Any, 0);
        other.Server.DualMode = true;
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        CommandLine command = await CommandLine.RunAsync(ConfigVars.Fresh.With("PORT", $"{port}").With("LOG_LEVEL", "error"), "web");

        command.ExitCode.ShouldBe(1);
        command.Errors.ShouldBe($"Port {port} is in use by another program. Set PORT to a free one.");
    }

    [Fact]
    public async Task An_unknown_command_ends_with_1()
    {
        CommandLine command = await CommandLine.RunAsync(ConfigVars.Fresh, "frobnicate");

        command.ExitCode.ShouldBe(1);
        command.Errors.ShouldContain("frobnicate");
    }
}
