using System.Runtime.InteropServices;

namespace ModelPack.Cli;

/// <summary>Turns SIGINT and SIGTERM into a token, so that an operation ends by itself and removes what it has begun.</summary>
internal sealed class Cancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private volatile int _exitCode = ExitCode.Interrupted;

    public Cancellation()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, ExitCode.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, ExitCode.Terminated));
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The exit code that the signal asks for; meaningful once <see cref="Token"/> is cancelled.</summary>
    public int CancelledExitCode => _exitCode;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int exitCode)
    {
        // Otherwise the runtime would end the process at once and leave a temporary file behind.
        context.Cancel = true;
        _exitCode = exitCode;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came when all was done.
        }
    }
}
