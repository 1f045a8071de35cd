using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Tests.Reporting;

public sealed class PeerTablesTests
{
    private static readonly PeerResult[] Results =
    [
        new("a.onnx", 2_000_000, "memcpy", 2_000_000, 5, new Speed(12.34, 1), new Speed(12.34, 1)),
        new("a.onnx", 2_000_000, "ModelPack fast", 1_333_333, 5, new Speed(4.936, 0.4), new Speed(13.574, 1.1)),
        new("a.onnx", 2_000_000, "xz (program)", 1_500_000, 1, null, null),
        new("b.onnx", 1000, "memcpy", 1000, 5, new Speed(8, 1), new Speed(8, 1)),
        new("b.onnx", 1000, "ModelPack fast", 900, 5, new Speed(0.02, 0.0025), new Speed(0.8, 0.1)),
    ];

    [Fact]
    public void Full_tables_show_every_number_file_by_file()
    {
        const string Expected = """

            ## a.onnx

            2,000,000 bytes

            |  | bytes | ratio | pack GB/s | × memcpy | unpack GB/s | × memcpy | rounds |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            | memcpy | 2,000,000 | 1.0000 | 12.3 | 1.00 | 12.3 | 1.00 | 5 |
            | ModelPack fast | 1,333,333 | 0.6667 | 4.94 | 0.40 | 13.6 | 1.10 | 5 |
            | xz (program) | 1,500,000 | 0.7500 | – | – | – | – | 1 |

            ## b.onnx

            1,000 bytes

            |  | bytes | ratio | pack GB/s | × memcpy | unpack GB/s | × memcpy | rounds |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            | memcpy | 1,000 | 1.0000 | 8.00 | 1.00 | 8.00 | 1.00 | 5 |
            | ModelPack fast | 900 | 0.9000 | 0.0200 | 0.0025 | 0.80 | 0.10 | 5 |

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), PeerTables.Full(Results));
    }

    [Fact]
    public void Short_tables_have_a_column_for_each_file_and_a_dash_for_what_is_not_there()
    {
        const string Expected = """
            | packed ÷ original | a.onnx | b.onnx |
            | --- | ---: | ---: |
            | ModelPack fast | 0.6667 | 0.9000 |
            | xz (program) | 0.7500 | – |

            | pack / unpack, × memcpy | a.onnx | b.onnx |
            | --- | ---: | ---: |
            | ModelPack fast | 0.40 / 1.10 | 0.0025 / 0.10 |
            | memcpy | 12.3 GB/s | 8.00 GB/s |

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), PeerTables.Short(Results));
    }

    [Fact]
    public void A_very_slow_peer_does_not_round_to_nothing() =>
        Assert.Contains(
            "| 0.000612 / 0.000043 |",
            PeerTables.Short([new PeerResult("a", 10, "zstd -19", 9, 1, new Speed(0.01, 0.0006123), new Speed(0.02, 0.0000432))]),
            StringComparison.Ordinal);

    [Fact]
    public void A_bar_in_a_name_does_not_end_its_cell() =>
        Assert.Equal("| a\\|b | c |\n| --- | ---: |\n", MarkdownTable.Write(["a|b", "c"], []));

    [Fact]
    public void A_row_of_another_width_is_refused() =>
        Assert.Throws<ArgumentException>(() => MarkdownTable.Write(["a", "b"], [["only one"]]));
}
