using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using ModelPack.Formats;

namespace ModelPack.Pipeline.Targets;

/// <summary>
/// A hash of all that decides the bytes of a container but the values in the originals' blocks: the program, the options, the
/// names and maps of the files, what repeats what, and the base. Two packings of one plan differ at most in blocks whose
/// originals differ.
/// </summary>
internal static class PackPlan
{
    public static UInt128 Hash(PackInput input, PackSurvey survey, PackOptions options)
    {
        var hash = new XxHash128();
        Add(hash, typeof(PackPlan).Module.ModuleVersionId);
        Add(hash, ((int)input.Content, (int)options.Level, (int)(options.ForcedCoder ?? (PlaneCoder)(-1)), options.Sha256 ? 1 : 0));
        Add(hash, (options.SplitLength ?? 0, survey.Files.Count, survey.RepeatGroups));
        AddText(hash, input.LeadingPath ?? "");
        AddBytes(hash, survey.BaseRecord?.ToByteArray() ?? []);
        foreach (SurveyedFile file in survey.Files)
        {
            AddFile(hash, file);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private static void AddFile(XxHash128 hash, SurveyedFile file)
    {
        AddText(hash, file.File.Path);
        Add(hash, (file.Map.FileLength, (int)file.Map.Format, file.Map.Tensors.Length, file.Map.Segments.Length, file.Counterparts is null ? 0 : 1));
        foreach (TensorInfo tensor in file.Map.Tensors)
        {
            AddText(hash, tensor.Name);
            Add(hash, ((int)tensor.Dtype, (int)tensor.Encoding, tensor.Shape.Length));
            AddBytes(hash, MemoryMarshal.AsBytes(tensor.Shape.AsSpan()));
        }

        AddBytes(hash, MemoryMarshal.AsBytes(file.ExternalPlaces.AsSpan()));
        for (int segment = 0; segment < file.Map.Segments.Length; segment++)
        {
            Segment covered = file.Map.Segments[segment];
            ReadOnlySpan<BlockRole> roles = file.Repeats.RolesOf(segment);
            Add(hash, (covered.Offset, covered.Length, (long)covered.TensorIndex, (long)roles.Length));
            foreach (BlockRole role in roles)
            {
                Add(hash, (role.Group, role.IsRepeat ? 1 : 0));
            }

            if (file.Counterparts is { } counterparts)
            {
                (int baseFile, long offset) = counterparts.PlaceOf(segment);
                Add(hash, (offset, (long)baseFile, counterparts.IsEqual(segment) ? 1L : 0L));
            }
        }
    }

    private static void AddText(XxHash128 hash, string text) => AddBytes(hash, Encoding.UTF8.GetBytes(text));

    private static void AddBytes(XxHash128 hash, ReadOnlySpan<byte> bytes)
    {
        Add(hash, (long)bytes.Length);
        hash.Append(bytes);
    }

    private static void Add<T>(XxHash128 hash, T value)
        where T : unmanaged => hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
