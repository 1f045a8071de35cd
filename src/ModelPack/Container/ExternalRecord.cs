using System.Collections.Immutable;
using ModelPack.Container.Wire;

namespace ModelPack.Container;

/// <summary>The rules for tensors that lie in another file than the one that lists them (FORMAT.md, "External data").</summary>
internal static class ExternalRecord
{
    /// <summary>Checks what the entries of an index say of each other.</summary>
    /// <exception cref="ModelPackException">A tensor is said to lie where nothing is, or several files lead.</exception>
    public static void Check(ImmutableArray<IndexedFile> files, ContainerContent content, long indexOffset)
    {
        int leading = 0;
        foreach (IndexedFile file in files)
        {
            leading += file.IsLeading ? 1 : 0;
            if (leading > 1 || (file.IsLeading && content != ContainerContent.Folder))
            {
                ContainerThrow.Corrupt($"the index names file '{file.Path}' as the leading one, where none or another can be", indexOffset);
            }

            CheckTensors(file, files, indexOffset);
        }
    }

    private static void CheckTensors(IndexedFile file, ImmutableArray<IndexedFile> files, long indexOffset)
    {
        bool any = false;
        foreach (TensorEntry tensor in file.Entry.Tensors)
        {
            if (tensor.ExternalFile == 0)
            {
                continue;
            }

            any = true;
            ulong length = tensor.ExternalFile <= files.Length ? (ulong)files[(int)tensor.ExternalFile - 1].Length : 0;
            if (tensor.ExternalFile > files.Length || tensor.ExternalLength > length || tensor.ExternalOffset > length - tensor.ExternalLength)
            {
                ContainerThrow.Corrupt(
                    $"the index places tensor '{tensor.Name}' of file '{file.Path}' at {tensor.ExternalLength} bytes from offset {tensor.ExternalOffset} of file {tensor.ExternalFile}, which are not there",
                    indexOffset);
            }
        }

        // A tensor lies in one place.
        foreach (uint owner in any ? file.Entry.SegmentOwners : [])
        {
            if (owner > 0 && file.Entry.Tensors[(int)owner - 1].ExternalFile > 0)
            {
                ContainerThrow.Corrupt($"the index places tensor '{file.Entry.Tensors[(int)owner - 1].Name}' in file '{file.Path}' and outside it", indexOffset);
            }
        }
    }
}
