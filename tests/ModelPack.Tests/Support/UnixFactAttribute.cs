namespace ModelPack.Tests.Support;

/// <summary>A test of what only Unix has; a reported skip elsewhere.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Windows has no such files";
        }
    }
}
