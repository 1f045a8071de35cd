namespace ModelPack.Comparison;

/// <summary>One progress for work in stages, each over the same bytes. Safe to report to from several threads at once.</summary>
/// <param name="target">Receives it; null when nobody watches.</param>
/// <param name="stageLength">Bytes of a stage.</param>
/// <param name="stages">How many stages there are.</param>
internal sealed class StagedProgress(IProgress<ModelPackProgress>? target, long stageLength, int stages)
{
    private readonly Lock _lock = new();
    private string _stage = "";
    private long _before;
    private long _done;

    /// <summary>A stage begins; the one before is complete. Stages beyond the last leave the display where it is.</summary>
    public void Begin(string stage)
    {
        lock (_lock)
        {
            _before = Math.Min(_before + (_stage.Length > 0 ? stageLength : 0), stageLength * stages);
            _done = 0;
            _stage = stage;
            Report();
        }
    }

    /// <summary>More bytes of the stage are done.</summary>
    public void Add(int bytes)
    {
        if (target is not null)
        {
            lock (_lock)
            {
                _done += bytes;
                Report();
            }
        }
    }

    /// <summary>For a stage that tells how far it is.</summary>
    public IProgress<ModelPackProgress>? OfStage() => target is null ? null : new Stage(this);

    // The last byte is kept back: what comes after the stages, as a display would end there.
    private void Report() => target?.Report(new ModelPackProgress(_before + Math.Min(_done, stageLength), (stageLength * stages) + 1, _stage));

    private sealed class Stage(StagedProgress owner) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value)
        {
            lock (owner._lock)
            {
                owner._done = value.BytesDone;
                owner.Report();
            }
        }
    }
}
