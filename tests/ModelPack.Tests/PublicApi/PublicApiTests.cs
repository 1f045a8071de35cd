using ModelPack.Tests.Support;

namespace ModelPack.Tests.PublicApi;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_api_is_the_approved_one() =>
        ApprovedApi.Check(typeof(PackedModel).Assembly, "tests/ModelPack.Tests/PublicApi/ModelPack.approved.txt");
}
