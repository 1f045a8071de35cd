using System.Globalization;
using ModelPack.Formats;

namespace ModelPack.Pipeline.External;

/// <summary>What is said, and what is refused, of a model whose external data is not as the model says.</summary>
internal static class ExternalWarnings
{
    /// <summary>Judges one file.</summary>
    /// <param name="map">Its map.</param>
    /// <param name="complaints">What is wrong; null where nothing is, or where external data was not looked at.</param>
    /// <param name="name">What to call the file.</param>
    /// <param name="input">All files.</param>
    /// <param name="options">Whether to be strict, and to use external data.</param>
    /// <param name="warnings">Receives the warnings.</param>
    /// <exception cref="ModelPackException">
    /// The model has data outside its folder; or, if to be strict, any of its data is not where it says.
    /// </exception>
    public static void Judge(SegmentMap map, ExternalComplaints? complaints, string name, PackInput input, PackOptions options, List<ModelPackWarning> warnings)
    {
        if (!options.ExternalData)
        {
            if (!map.ExternalReferences.IsEmpty)
            {
                string how = input.Content == Container.ContainerContent.File ? "the model is packed without them" : "these are packed as opaque bytes";
                warnings.Add(Absent(name, map.ExternalReferences.Length, map.ExternalReferences[0].Location, how));
            }
        }
        else if (complaints is not null && input.IsDetached && !options.Strict)
        {
            (long count, string location) = complaints.Absent();
            warnings.Add(Absent(name, count, location, "these cannot be found from here, and the model is packed without them"));
        }
        else if (complaints is not null)
        {
            Complain(complaints, name, input.IsDetached, options.Strict, warnings);
        }
    }

    private static void Complain(ExternalComplaints complaints, string name, bool isDetached, bool strict, List<ModelPackWarning> warnings)
    {
        if (complaints.Forbidden is { } forbidden && !isDetached)
        {
            throw new ModelPackException(ModelPackError.Unsupported, $"{forbidden}; only files in the folder of a model are packed with it", name);
        }

        if (strict)
        {
            throw new ModelPackException(ModelPackError.Unsupported, complaints.Any, name);
        }

        warnings.AddRange(complaints.Reasons().Select(reason => new ModelPackWarning(name, $"{reason}; the bytes are packed, but not as this tensor", null)));
    }

    private static ModelPackWarning Absent(string name, long count, string location, string how) => new(
        name,
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "tensor has its" : "tensors have their")} data in other files, such as '{location}'; {how}"),
        null);
}
