using ModelPack.Benchmarks.Commands;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Tests.Commands;

public sealed class UpdateReadmeCommandTests
{
    [Fact]
    public void The_readme_gets_the_tables_how_they_were_measured_and_a_link()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("modelpack-tests-");
        try
        {
            string readme = Path.Combine(folder.FullName, "README.md");
            string results = folder.CreateSubdirectory("benchmarks/results/some-cpu").FullName;
            File.WriteAllText(readme, "# M\n\n<!-- results:begin -->\n<!-- results:end -->\n\nEnd.\n");
            File.WriteAllText(Path.Combine(results, "versions.txt"), "processor: Some CPU\nvectors: AVX2\nruntime: .NET 10.0.1\n");
            File.WriteAllText(
                Path.Combine(results, "peers.csv"),
                ResultsCsv.Write([new PeerResult("a.onnx", 1000, "Snappy", 990, 5, new Speed(1, 0.1), new Speed(2, 0.2))]));

            UpdateReadmeCommand.Update(results, readme);

            const string Expected = """
                # M

                <!-- results:begin -->

                | packed ÷ original | a.onnx |
                | --- | ---: |
                | Snappy | 0.9900 |

                | pack / unpack, × memcpy | a.onnx |
                | --- | ---: |
                | Snappy | 0.10 / 0.20 |

                Some CPU (AVX2), .NET 10.0.1, one thread, memory to memory; ModelPack with its checksums, GZip with its CRC-32, the others without. [All numbers](benchmarks/results/some-cpu/peers.md).

                <!-- results:end -->

                End.

                """;
            Assert.Equal(Expected.ReplaceLineEndings("\n"), File.ReadAllText(readme));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
