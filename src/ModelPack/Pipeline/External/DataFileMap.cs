using System.Globalization;
using ModelPack.Formats;

namespace ModelPack.Pipeline.External;

/// <summary>Bytes of a data file that a model takes for a tensor.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes: at least 1, inside the file, and as many as dtype and shape ask for.</param>
/// <param name="Tensor">The tensor.</param>
internal readonly record struct DataRegion(long Offset, long Length, TensorInfo Tensor);

/// <summary>
/// Maps a data file by what models say of it. Models may disagree: each byte is given to the region that starts first; of those
/// that start together to the longest, of these to the one that was named first. So equal regions are one tensor, a region
/// inside another is none of its own, and one that others cut becomes a tensor of the whole elements behind the cut, one
/// dimension with the name <c>name[first element:]</c>. What no model names is structure.
/// </summary>
internal static class DataFileMap
{
    /// <summary>Makes the map.</summary>
    /// <param name="fileLength">Bytes of the data file.</param>
    /// <param name="regions">The regions in the order in which they were named; sorted on return.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static SegmentMap Make(long fileLength, List<DataRegion> regions, CancellationToken cancellationToken)
    {
        var map = new SegmentMap.Builder(ModelFormat.OnnxExternalData, fileLength);
        var names = new UniqueNames();
        long position = 0;
        foreach (DataRegion region in Sort(regions))
        {
            cancellationToken.ThrowIfCancellationRequested();
            long end = region.Offset + region.Length;
            if (end <= position)
            {
                continue;
            }

            long skipped = Math.Max(0, position - region.Offset);
            DataRegion own = skipped == 0 ? region : Rest(region, skipped);
            if (own.Length > 0)
            {
                string name = names.Take(own.Tensor.Name);
                int tensor = map.AddTensor(name == own.Tensor.Name ? own.Tensor : own.Tensor with { Name = name });
                map.AddData(tensor, own.Offset, own.Length);
            }

            position = end;
        }

        return map.Build();
    }

    private static IEnumerable<DataRegion> Sort(List<DataRegion> regions)
    {
        var order = new (long Offset, long Length, int Index)[regions.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = (regions[i].Offset, -regions[i].Length, i);
        }

        Array.Sort(order);
        return order.Select(entry => regions[entry.Index]);
    }

    /// <summary>The whole elements of a region that start at least so many bytes behind its first.</summary>
    private static DataRegion Rest(DataRegion region, long skipped)
    {
        int bits = region.Tensor.Dtype.BitWidth();
        int unit = bits % 8 == 0 ? bits / 8 : 1;
        skipped = (skipped + unit - 1) / unit * unit;
        if (skipped >= region.Length)
        {
            return default;
        }

        ulong first = (ulong)((Int128)skipped * 8 / bits);
        ulong count = 1;
        foreach (ulong dimension in region.Tensor.Shape)
        {
            count *= dimension;
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"{region.Tensor.Name}[{first}:]");
        return new DataRegion(region.Offset + skipped, region.Length - skipped, region.Tensor with { Name = name, Shape = [count - first] });
    }

    /// <summary>Names for the tensors of one file: several models may use a name for different bytes.</summary>
    private sealed class UniqueNames
    {
        private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);

        public string Take(string wanted)
        {
            string name = wanted;
            if (!_taken.Add(name))
            {
                int number = _last.GetValueOrDefault(wanted, 1);
                do
                {
                    number++;
                    name = string.Create(CultureInfo.InvariantCulture, $"{wanted}#{number}");
                }
                while (!_taken.Add(name));

                _last[wanted] = number;
            }

            return name;
        }
    }
}
