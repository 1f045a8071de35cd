using System.Runtime.CompilerServices;

namespace ModelPack.Primitives;

/// <summary>How the methods that loop over planes are compiled.</summary>
internal static class KernelMethod
{
    /// <summary>
    /// Optimised from the first call on, and never inlined: a caller that is compiled again would take the loop into itself
    /// and, out of budget, leave what the loop inlines as calls.
    /// </summary>
    public const MethodImplOptions Options = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
