using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ModelPack.Primitives;

/// <summary>What is known of a CPU's PDEP and PEXT beyond that it has them.</summary>
internal static class ParallelBits
{
    // From this family on (Zen 3) AMD has them in hardware; before, one takes as long as some hundred simple instructions.
    private const int FirstFastAmdFamily = 0x19;

    /// <summary>Whether the machine has both, in hardware.</summary>
    public static bool AreFast { get; } = Bmi2.X64.IsSupported && !AreMicrocodedHere();

    /// <summary>Whether they are many times slower than other instructions.</summary>
    /// <param name="vendor">The 12 characters of CPUID leaf 0.</param>
    /// <param name="signature">EAX of CPUID leaf 1: bits 8 to 11 are the family, to which bits 20 to 27 are added where it is 15.</param>
    internal static bool AreMicrocoded(string vendor, int signature)
    {
        int family = (signature >> 8) & 0xF;
        family += family == 0xF ? (signature >> 20) & 0xFF : 0;
        // Hygon's are Zen.
        return vendor == "HygonGenuine" || (vendor == "AuthenticAMD" && family < FirstFastAmdFamily);
    }

    private static bool AreMicrocodedHere()
    {
        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        string vendor = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([ebx, edx, ecx]));
        return AreMicrocoded(vendor, X86Base.CpuId(1, 0).Eax);
    }
}
