namespace ModelPack.TestModels.Tests.Support;

/// <summary>A test that runs a shell script.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "needs a POSIX shell";
        }
    }
}
