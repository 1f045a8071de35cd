using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace ModelPack.Formats.Safetensors;

/// <summary>The constants of the format and the rules that its reader and its header writer share.</summary>
/// <remarks>
/// Source of every rule in this room: the format's reference implementation (safetensors/src/tensor.rs, read at version
/// 0.8.0-dev.0; its functions are named where a rule is applied), which parses the header with serde_json, and the
/// "Format" section of its README.
/// </remarks>
internal static class SafetensorsFormat
{
    /// <summary>Bytes of the little-endian header length that a file begins with (<c>N_LEN</c>).</summary>
    public const int LengthSize = 8;

    /// <summary>Most bytes a header may have (<c>MAX_HEADER_SIZE</c>).</summary>
    public const int MaxHeaderLength = 100_000_000;

    /// <summary>Most arrays and objects inside each other: serde_json refuses the 128th.</summary>
    public const int MaxDepth = 127;

    /// <summary>Most dimensions of a tensor. The format has no limit, but a header of 100 MB could hold 50 million.</summary>
    public const int MaxRank = 1024;

    /// <summary>The key of the header that is no tensor but a map of strings (<c>HashMetadata</c>).</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>The extension of a file of this format.</summary>
    public const string Extension = ".safetensors";

    /// <summary>All dtypes of the format, in the order of the reference implementation (<c>enum Dtype</c>).</summary>
    public static readonly ImmutableArray<Dtype> Dtypes =
    [
        Dtype.Bool, Dtype.F4, Dtype.F6E2M3, Dtype.F6E3M2, Dtype.U8, Dtype.I8, Dtype.F8E5M2, Dtype.F8E4M3, Dtype.F8E8M0,
        Dtype.F8E4M3Fnuz, Dtype.F8E5M2Fnuz, Dtype.I16, Dtype.U16, Dtype.F16, Dtype.BF16, Dtype.I32, Dtype.U32, Dtype.F32,
        Dtype.C64, Dtype.F64, Dtype.I64, Dtype.U64,
    ];

    private static readonly ImmutableArray<byte[]> DtypeNames =
        [.. Dtypes.Select(static dtype => Encoding.ASCII.GetBytes(dtype.DisplayName()))];

    /// <summary>Matches the string that <paramref name="json"/> stands at against the names of <see cref="Dtypes"/>.</summary>
    public static bool TryGetDtype(ref readonly Utf8JsonReader json, out Dtype dtype)
    {
        for (int i = 0; i < DtypeNames.Length; i++)
        {
            if (json.ValueTextEquals(DtypeNames[i]))
            {
                dtype = Dtypes[i];
                return true;
            }
        }

        dtype = Dtype.None;
        return false;
    }

    /// <summary>
    /// Bytes that a tensor's data takes (<c>Metadata::validate</c>). Dimensions are multiplied in order and no partial product
    /// may reach 2^64, so a zero makes up only for large dimensions that come after it.
    /// </summary>
    public static bool TryGetDataLength(Dtype dtype, ReadOnlySpan<ulong> shape, out ulong length, [NotNullWhen(false)] out string? reason)
    {
        length = 0;
        ulong elements = 1;
        foreach (ulong dimension in shape)
        {
            if (Math.BigMul(elements, dimension, out elements) != 0)
            {
                reason = "its shape has 2^64 elements or more";
                return false;
            }
        }

        if (Math.BigMul(elements, (ulong)dtype.BitWidth(), out ulong bits) != 0)
        {
            reason = $"its {elements} elements of {dtype.DisplayName()} have 2^64 bits or more";
            return false;
        }

        if (bits % 8 != 0)
        {
            reason = $"its {elements} elements of {dtype.DisplayName()} have {bits} bits, which are no whole number of bytes";
            return false;
        }

        length = bits / 8;
        reason = null;
        return true;
    }
}
