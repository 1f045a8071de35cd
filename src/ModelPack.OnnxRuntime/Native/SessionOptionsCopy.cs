using Microsoft.ML.OnnxRuntime;

namespace ModelPack.OnnxRuntime.Native;

/// <summary>A copy of a caller's session options, so that what is added for one session does not stay in theirs.</summary>
internal sealed class SessionOptionsCopy : SessionOptions
{
    public SessionOptionsCopy(SessionOptions original)
    {
        nint copy = OrtFunctions.Clone(original);

        // The base class made new ones; from here on it works with the copy.
        base.ReleaseHandle();
        SetHandle(copy);
    }
}
