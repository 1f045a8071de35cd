using System.Runtime.Intrinsics.X86;

namespace ModelPack.Primitives;

/// <summary>What is known of a CPU's PDEP and PEXT beyond that it has them.</summary>
internal static class ParallelBits
{
    // From this family on (Zen 3) AMD has them in hardware; before, one takes as long as some hundred simple instructions.
    private const int FirstFastAmdFamily = 0x19;

    // The registers EBX, EDX, ECX of leaf 0.
    private static readonly (int, int, int) Amd = (0x6874_7541, 0x6974_6E65, 0x444D_4163);
    private static readonly (int, int, int) Hygon = (0x6F67_7948, 0x6E65_476E, 0x656E_6975);

    /// <summary>Whether the machine has both, in hardware.</summary>
    public static bool AreFast { get; } = Bmi2.X64.IsSupported && !AreMicrocoded();

    private static bool AreMicrocoded()
    {
        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        if ((ebx, edx, ecx) == Hygon)
        {
            return true;
        }

        (int signature, _, _, _) = X86Base.CpuId(1, 0);
        int family = (signature >> 8) & 0xF;
        return (ebx, edx, ecx) == Amd && (family == 0xF ? family + ((signature >> 20) & 0xFF) : family) < FirstFastAmdFamily;
    }
}
