using Spectre.Console;

namespace ModelPack.Cli.Reporting;

/// <summary>A progress bar on standard error, which must be a terminal.</summary>
internal static class ProgressDisplay
{
    public static T Run<T>(string title, Func<IProgress<ModelPackProgress>?, T> operation)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(title);
                task.IsIndeterminate = true;
                return operation(new Bridge(task, title));
            });
    }

    private sealed class Bridge(ProgressTask task, string title) : IProgress<ModelPackProgress>
    {
        // Blocks finish thousands of times a second; the display is redrawn ten times.
        private const long LeastIntervalMilliseconds = 50;

        private long _lastReport = long.MinValue / 2;
        private string _currentFile = "";

        // Called by one worker at a time.
        public void Report(ModelPackProgress value)
        {
            long now = Environment.TickCount64;
            if (now - _lastReport < LeastIntervalMilliseconds && value.BytesDone != value.BytesTotal)
            {
                return;
            }

            _lastReport = now;
            if (value.CurrentFile != _currentFile)
            {
                _currentFile = value.CurrentFile;
                task.Description = Markup.Escape($"{title} {Printable.ShortenMiddle(Printable.Escape(_currentFile), 40)}".TrimEnd());
            }

            if (value.BytesTotal > 0)
            {
                task.IsIndeterminate = false;
                task.MaxValue = value.BytesTotal;
            }

            task.Value = value.BytesDone;
        }
    }
}
