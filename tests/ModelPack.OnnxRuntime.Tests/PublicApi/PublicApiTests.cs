using ModelPack.Tests.Support;

namespace ModelPack.OnnxRuntime.Tests.PublicApi;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_api_is_the_approved_one() =>
        ApprovedApi.Check(typeof(PackedOnnxModel).Assembly, "tests/ModelPack.OnnxRuntime.Tests/PublicApi/ModelPack.OnnxRuntime.approved.txt");
}
