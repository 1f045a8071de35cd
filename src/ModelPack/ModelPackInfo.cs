using ModelPack.Coding.LaneAns;
using ModelPack.Planes;
using ModelPack.Planes.Kernels;

namespace ModelPack;

/// <summary>What the library makes of the machine it runs on. Speed depends on it, results never do.</summary>
public static class ModelPackInfo
{
    /// <summary>The instruction set with which planes are cut and joined, such as <c>AVX-512</c> or <c>scalar</c>.</summary>
    public static string PlaneInstructionSet => PlaneKernels.BestFor(PlaneLayoutId.BFloat16).InstructionSet;

    /// <summary>The instruction set with which Lane ANS, the coder of exponents, decodes, such as <c>AVX-512 VBMI2</c> or <c>scalar</c>.</summary>
    public static string LaneAnsInstructionSet => LaneAnsDecoder.InstructionSet;
}
