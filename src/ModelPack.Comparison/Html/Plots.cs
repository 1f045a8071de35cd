using System.Globalization;
using ModelPack.Comparison.Reporting;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace ModelPack.Comparison.Html;

/// <summary>The plots of a model.</summary>
internal static class Plots
{
    /// <summary>Smaller tensors are not drawn: a table or a header weighs more than what they hold.</summary>
    public const int LeastTensor = 4096;

    // Points of a scatter beyond which a page gets slow; the largest tensors are drawn.
    private const int MostPoints = 3000;

    private const double FontSize = 16;

    /// <summary>Ratio of each tensor against that of its bound; null when there is none to draw.</summary>
    public static PlotModel? RatioAgainstBound(SourceReport source)
    {
        ComparedTensor[] tensors =
        [
            .. source.Tensors.Where(static tensor => tensor is { OriginalBytes: >= LeastTensor, Ratio: not null, BoundBytes: not null })
                .OrderByDescending(static tensor => tensor.OriginalBytes)
                .Take(MostPoints),
        ];
        if (tensors.Length == 0)
        {
            return null;
        }

        double least = tensors.Min(static tensor => Math.Min(tensor.Ratio!.Value, BoundRatio(tensor)));
        double most = tensors.Max(static tensor => Math.Max(tensor.Ratio!.Value, BoundRatio(tensor)));
        double room = Math.Max(0.005, (most - least) * 0.08);
        (double from, double to) = (Math.Max(0, least - room), most + room);
        PlotModel plot = New();
        plot.Axes.Add(Axis(AxisPosition.Bottom, "order-0 entropy ÷ original", from, to));
        plot.Axes.Add(Axis(AxisPosition.Left, "packed ÷ original", from, to));
        var diagonal = new LineSeries { Color = PlotColors.Muted, StrokeThickness = 1, LineStyle = LineStyle.Dash };
        diagonal.Points.Add(new DataPoint(from, from));
        diagonal.Points.Add(new DataPoint(to, to));
        plot.Series.Add(diagonal);
        foreach ((int index, IGrouping<string, ComparedTensor> group) in tensors.GroupBy(static tensor => tensor.Dtype).Index())
        {
            var series = new ScatterSeries { Title = group.Key, MarkerType = MarkerType.Circle, MarkerSize = 3.5, MarkerFill = PlotColors.Series(index) };
            series.Points.AddRange(group.Select(static tensor => new ScatterPoint(BoundRatio(tensor), tensor.Ratio!.Value)));
            plot.Series.Add(series);
        }

        AddLegend(plot, LegendPosition.LeftTop);
        return plot;
    }

    /// <summary>Bytes of each dtype before and after.</summary>
    public static PlotModel? BytesByDtype(SourceReport source)
    {
        string level = Naming.Of(PackLevel.Default);
        ComparedGroup[] groups =
            [.. source.Dtypes.Where(group => group.OriginalBytes > 0 && group.PackedBytes.ContainsKey(level)).OrderByDescending(static group => group.OriginalBytes).Take(8)];

        // What would be no wider than a line says nothing.
        groups = [.. groups.Where(group => group.OriginalBytes * 100 >= groups[0].OriginalBytes)];
        if (groups.Length == 0)
        {
            return null;
        }

        (double unit, string unitName) = groups[0].OriginalBytes switch
        {
            >= 1_000_000_000 => (1e9, "GB"),
            >= 1_000_000 => (1e6, "MB"),
            _ => (1e3, "kB"),
        };
        PlotModel plot = New();
        var categories = new CategoryAxis
        {
            Position = AxisPosition.Left,
            Key = "dtype",
            TextColor = PlotColors.Text,
            TicklineColor = PlotColors.Axis,
            AxislineColor = PlotColors.Axis,
            FontSize = FontSize,
            GapWidth = 0.4,

            // The largest on top.
            StartPosition = 1,
            EndPosition = 0,
        };
        categories.Labels.AddRange(groups.Select(static group => group.Name));
        plot.Axes.Add(categories);
        LinearAxis values = Axis(AxisPosition.Bottom, unitName, 0, groups[0].OriginalBytes / unit * 1.05);
        values.Key = "bytes";
        plot.Axes.Add(values);
        plot.Series.Add(Bars("original", PlotColors.Muted, groups.Select(group => group.OriginalBytes / unit)));
        plot.Series.Add(Bars("packed", PlotColors.Series(0), groups.Select(group => group.PackedBytes[level] / unit)));
        AddLegend(plot, LegendPosition.RightBottom);
        return plot;
    }

    /// <summary>How often each exponent occurs.</summary>
    public static PlotModel? Exponents(SourceReport source)
    {
        if (source.Exponents.Count == 0)
        {
            return null;
        }

        PlotModel plot = New();
        plot.Axes.Add(Axis(AxisPosition.Bottom, "exponent (power of two)", double.NaN, double.NaN));
        plot.Axes.Add(Axis(AxisPosition.Left, "% of values", 0, double.NaN));
        foreach ((int index, ExponentReport exponents) in source.Exponents.Index())
        {
            double total = exponents.Counts.Sum();
            var line = new LineSeries
            {
                Title = exponents.Dtype,
                Color = PlotColors.Series(index),
                StrokeThickness = 2,
                MarkerType = MarkerType.Circle,
                MarkerSize = 2.5,
                MarkerFill = PlotColors.Series(index),
            };

            // Zero is stored as exponent 0, far from all others: it would squeeze them to one side.
            int start = exponents.First == 0 ? 1 : 0;
            for (int i = start; i < exponents.Counts.Length; i++)
            {
                double part = 100 * exponents.Counts[i] / total;
                if (part >= 0.01)
                {
                    line.Points.Add(new DataPoint(exponents.First + i - exponents.Bias, part));
                }
            }

            plot.Series.Add(line);
        }

        AddLegend(plot, LegendPosition.LeftTop);
        return plot;
    }

    /// <summary>Size against the speed of one direction.</summary>
    public static PlotModel? SizeAgainstSpeed(SourceReport source, bool compress)
    {
        if (source.Compressors is not { Results.Count: > 0 } compressors)
        {
            return null;
        }

        PlotModel plot = New();
        double least = compressors.Results.Min(result => Speed(result, compress));
        double most = compressors.Results.Max(result => Speed(result, compress));
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = $"{(compress ? "compress" : "decompress")}, × memcpy",
            Minimum = least / 3,
            Maximum = most * 4,
            TextColor = PlotColors.Text,
            TitleColor = PlotColors.Text,
            TicklineColor = PlotColors.Axis,
            AxislineColor = PlotColors.Axis,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = PlotColors.Grid,
            FontSize = FontSize,
            StringFormat = "0.#####",
            UseSuperExponentialFormat = false,
            AxisTitleDistance = 10,
            MinorTickSize = 0,
        });
        double low = compressors.Results.Min(static result => result.Ratio);
        double high = compressors.Results.Max(static result => result.Ratio);
        double margin = Math.Max(0.01, (high - low) * 0.1);
        plot.Axes.Add(Axis(AxisPosition.Left, "packed ÷ original", low - margin, high + margin));
        IEnumerable<IGrouping<string, CompressorReport>> groups = compressors.Results.GroupBy(static result =>
            result.Name.StartsWith("ModelPack", StringComparison.Ordinal) ? "ModelPack" : result.Input == "whole" ? "others" : "others, planes");
        foreach ((int index, IGrouping<string, CompressorReport> group) in groups.Index())
        {
            var series = new ScatterSeries
            {
                Title = group.Key,
                MarkerType = index == 0 ? MarkerType.Diamond : MarkerType.Circle,
                MarkerSize = index == 0 ? 6 : 4,
                MarkerFill = PlotColors.Series(index),
            };
            series.Points.AddRange(group.Select(result => new ScatterPoint(Speed(result, compress), result.Ratio)));
            plot.Series.Add(series);
        }

        var labels = new PointLabels(plot, least / 3, most * 4, low - margin, high + margin);
        foreach (CompressorReport result in compressors.Results)
        {
            labels.Occupy(Speed(result, compress), result.Ratio);
        }

        foreach (CompressorReport result in compressors.Results.Where(static result => result.Input == "whole"))
        {
            labels.Add(result.Name.Replace("ModelPack ", "", StringComparison.Ordinal), Speed(result, compress), result.Ratio);
        }

        AddLegend(plot, LegendPosition.LeftTop);
        return plot;
    }

    private static double Speed(CompressorReport result, bool compress) => Math.Max(1e-6, compress ? result.Compress : result.Decompress);

    private static double BoundRatio(ComparedTensor tensor) => tensor.BoundBytes!.Value / tensor.OriginalBytes;

    private static PlotModel New() => new()
    {
        PlotAreaBorderColor = PlotColors.Axis,
        TextColor = PlotColors.Text,
        Culture = CultureInfo.InvariantCulture,
        Padding = new OxyThickness(4, 8, 16, 4),
    };

    private static LinearAxis Axis(AxisPosition position, string title, double from, double to) => new()
    {
        Position = position,
        Title = title,
        Minimum = from,
        Maximum = to,
        TextColor = PlotColors.Text,
        TitleColor = PlotColors.Text,
        TicklineColor = PlotColors.Axis,
        AxislineColor = PlotColors.Axis,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = PlotColors.Grid,
        MinorTickSize = 0,
        FontSize = FontSize,
        AxisTitleDistance = 10,
        MaximumPadding = 0.05,
    };

    private static BarSeries Bars(string title, OxyColor color, IEnumerable<double> values)
    {
        var series = new BarSeries { Title = title, FillColor = color, StrokeThickness = 0, XAxisKey = "bytes", YAxisKey = "dtype" };
        series.Items.AddRange(values.Select(static value => new BarItem(value)));
        return series;
    }

    private static void AddLegend(PlotModel plot, LegendPosition position) => plot.Legends.Add(new Legend
    {
        LegendPosition = position,
        LegendTextColor = PlotColors.Text,
        LegendFontSize = FontSize,
        LegendBorder = OxyColors.Undefined,
        LegendBackground = OxyColors.Undefined,
    });
}
