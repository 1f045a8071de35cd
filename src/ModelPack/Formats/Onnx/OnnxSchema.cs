namespace ModelPack.Formats.Onnx;

/// <summary>The messages of onnx.proto on the way to a tensor; everything else is <see cref="Unknown"/> and skipped.</summary>
internal enum OnnxMessage : byte
{
    Unknown,
    Model,
    TrainingInfo,
    Graph,
    Function,
    Node,
    Attribute,
    SparseTensor,
    Tensor,
    StringEntry,
}

/// <summary>What a field is to the reader.</summary>
internal enum OnnxFieldKind : byte
{
    Skipped,
    Message,

    // Text from which a scope takes its name.
    Name,
    FirstOutput,
    OpType,

    // Parts of a TensorProto.
    Dims,
    DataType,
    DataLocation,
    RawData,
    TypedData,

    // Parts of a StringStringEntryProto.
    EntryKey,
    EntryValue,
}

/// <summary>How a message takes part in the path that names the tensors below it.</summary>
internal enum OnnxNaming : byte
{
    /// <summary>Adds nothing.</summary>
    Inherited,

    /// <summary>Adds its own name, or the field's label where it has none.</summary>
    Own,

    /// <summary>Adds the field's label.</summary>
    Label,

    /// <summary>Adds the field's label, and its own name becomes that of the message around it.</summary>
    LabelAndNamesOuter,
}

/// <summary>One row of the schema.</summary>
/// <param name="Number">The field number in onnx.proto.</param>
/// <param name="Kind">What the field is.</param>
/// <param name="Child">The message type of a <see cref="OnnxFieldKind.Message"/>.</param>
/// <param name="Naming">How that message is named.</param>
/// <param name="Label">The field's part of a path, or the stand-in for a name.</param>
internal readonly record struct OnnxField(
    int Number,
    OnnxFieldKind Kind,
    OnnxMessage Child = OnnxMessage.Unknown,
    OnnxNaming Naming = OnnxNaming.Inherited,
    string Label = "");

/// <summary>
/// The part of onnx.proto (onnx/onnx, IR version 14) that leads to tensors: message, field number, what it is. Field
/// numbers never change in Protocol Buffers, so the table also reads files of older and newer IR versions.
/// </summary>
internal static class OnnxSchema
{
    public const int FloatData = 4;
    public const int Int32Data = 5;
    public const int Int64Data = 7;
    public const int DoubleData = 10;
    public const int UInt64Data = 11;

    // Indexed by message, then by field number.
    private static readonly OnnxField[][] Fields =
    [
        [],
        ByNumber(
            new(7, OnnxFieldKind.Message, OnnxMessage.Graph),
            new(20, OnnxFieldKind.Message, OnnxMessage.TrainingInfo, OnnxNaming.Label, "training_info"),
            new(25, OnnxFieldKind.Message, OnnxMessage.Function, OnnxNaming.Own, "function")),
        ByNumber(
            new(1, OnnxFieldKind.Message, OnnxMessage.Graph, OnnxNaming.Label, "initialization"),
            new(2, OnnxFieldKind.Message, OnnxMessage.Graph, OnnxNaming.Label, "algorithm")),
        ByNumber(
            new(1, OnnxFieldKind.Message, OnnxMessage.Node, OnnxNaming.Own, "node"),
            new(5, OnnxFieldKind.Message, OnnxMessage.Tensor, OnnxNaming.Own, "initializer"),
            new(15, OnnxFieldKind.Message, OnnxMessage.SparseTensor, OnnxNaming.Own, "sparse_initializer")),
        ByNumber(
            new(1, OnnxFieldKind.Name),
            new(7, OnnxFieldKind.Message, OnnxMessage.Node, OnnxNaming.Own, "node"),
            new(11, OnnxFieldKind.Message, OnnxMessage.Attribute, OnnxNaming.Own, "attribute")),
        ByNumber(
            new(2, OnnxFieldKind.FirstOutput),
            new(3, OnnxFieldKind.Name),
            new(4, OnnxFieldKind.OpType),
            new(5, OnnxFieldKind.Message, OnnxMessage.Attribute, OnnxNaming.Own, "attribute")),
        ByNumber(
            new(1, OnnxFieldKind.Name),
            new(5, OnnxFieldKind.Message, OnnxMessage.Tensor),
            new(6, OnnxFieldKind.Message, OnnxMessage.Graph),
            new(10, OnnxFieldKind.Message, OnnxMessage.Tensor),
            new(11, OnnxFieldKind.Message, OnnxMessage.Graph),
            new(22, OnnxFieldKind.Message, OnnxMessage.SparseTensor),
            new(23, OnnxFieldKind.Message, OnnxMessage.SparseTensor)),
        ByNumber(
            new(1, OnnxFieldKind.Message, OnnxMessage.Tensor, OnnxNaming.LabelAndNamesOuter, "values"),
            new(2, OnnxFieldKind.Message, OnnxMessage.Tensor, OnnxNaming.Label, "indices")),
        ByNumber(
            new(1, OnnxFieldKind.Dims),
            new(2, OnnxFieldKind.DataType),
            new(FloatData, OnnxFieldKind.TypedData),
            new(Int32Data, OnnxFieldKind.TypedData),
            new(Int64Data, OnnxFieldKind.TypedData),
            new(8, OnnxFieldKind.Name),
            new(9, OnnxFieldKind.RawData),
            new(DoubleData, OnnxFieldKind.TypedData),
            new(UInt64Data, OnnxFieldKind.TypedData),
            new(13, OnnxFieldKind.Message, OnnxMessage.StringEntry),
            new(14, OnnxFieldKind.DataLocation)),
        ByNumber(
            new(1, OnnxFieldKind.EntryKey),
            new(2, OnnxFieldKind.EntryValue)),
    ];

    /// <summary>The row of a field; one of kind <see cref="OnnxFieldKind.Skipped"/> for a field not listed here.</summary>
    public static OnnxField Find(OnnxMessage message, int number)
    {
        OnnxField[] fields = Fields[(int)message];
        return (uint)number < (uint)fields.Length ? fields[number] : default;
    }

    private static OnnxField[] ByNumber(params ReadOnlySpan<OnnxField> rows)
    {
        var fields = new OnnxField[rows[^1].Number + 1];
        foreach (OnnxField row in rows)
        {
            fields[row.Number] = row;
        }

        return fields;
    }
}
