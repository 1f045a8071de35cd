using ModelPack.Planes.Kernels;

namespace ModelPack.Tests.Planes;

/// <summary>A theory about the kernels of one instruction set; skipped, and reported so, where this machine lacks it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute(string instructionSet)
    {
        InstructionSet = instructionSet;
        if (!PlaneKernels.BestFirst.Any(kernel => kernel.InstructionSet == instructionSet && kernel.IsSupported))
        {
            Skip = $"this machine or its settings have no {instructionSet}";
        }
    }

    public string InstructionSet { get; }
}
