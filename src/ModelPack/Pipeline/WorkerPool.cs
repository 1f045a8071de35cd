namespace ModelPack.Pipeline;

/// <summary>Workspaces for the threads of a pipeline, last used first so that what is in the caches is used again.</summary>
internal sealed class WorkerPool<T>(Func<T> create)
    where T : class
{
    private readonly Stack<T> _idle = new();

    public T Rent()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out T? idle))
            {
                return idle;
            }
        }

        return create();
    }

    public void Return(T workspace)
    {
        lock (_idle)
        {
            _idle.Push(workspace);
        }
    }
}
