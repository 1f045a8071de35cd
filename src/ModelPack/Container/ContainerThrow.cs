using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Container;

/// <summary>Throw helpers for damaged or foreign containers; offsets count from the start of the container.</summary>
internal static class ContainerThrow
{
    [DoesNotReturn]
    public static void Corrupt(string reason, long offset) =>
        throw new ModelPackException(ModelPackError.Corrupt, reason, offset: offset);

    [DoesNotReturn]
    public static void Corrupt(string reason) => throw new ModelPackException(ModelPackError.Corrupt, reason);

    [DoesNotReturn]
    public static void Unsupported(string reason, long offset) =>
        throw new ModelPackException(ModelPackError.Unsupported, reason, offset: offset);

    [DoesNotReturn]
    public static void Truncated(string what, long needed, long found, long offset) =>
        throw new ModelPackException(ModelPackError.Corrupt, $"the container ends early: {what} needs {needed} bytes, {found} are there", offset: offset);
}
