namespace ModelPack;

/// <summary>How a file was understood. The numeric values are wire ids (Container/FORMAT.md) and never change.</summary>
public enum ModelFormat
{
    /// <summary>Not parsed: every byte is structure.</summary>
    Opaque = 0,

    /// <summary>safetensors.</summary>
    Safetensors = 1,

    /// <summary>ONNX.</summary>
    Onnx = 2,

    /// <summary>
    /// A file with the data of ONNX models; its tensors are those that the models name. In a container it has the wire id of
    /// an opaque file, and is told from one by having tensors.
    /// </summary>
    OnnxExternalData = 3,
}
