using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Training;

namespace ModelPack.TestModels.Tests.Training;

public sealed class FineTuneTests
{
    [Fact]
    public void Training_and_further_training_reduce_the_error()
    {
        var random = new SplitMix64(1);
        var teacher = new DenseNetwork(ref random, 8, 16, 1, 4);
        var network = new DenseNetwork(ref random, 8, 32, 2, 4);
        double untrained = network.Error(teacher, random);
        network.Train(teacher, ref random, steps: 300, batch: 16, rate: 1e-3f);
        double trained = network.Error(teacher, random);
        Assert.InRange(trained, 0, untrained / 2);

        teacher.Shift(ref random, 0.3);
        double before = network.Error(teacher, random);
        network.Train(teacher, ref random, steps: 200, batch: 16, rate: 1e-4f);
        Assert.InRange(network.Error(teacher, random), 0, before * 0.98);
    }

    [Theory]
    [InlineData(Dtype.F32)]
    [InlineData(Dtype.BF16)]
    public void A_fine_tune_stays_near_its_base(Dtype dtype)
    {
        var plan = new FineTunePlan(Width: 24, Hidden: 2, BaseSteps: 100, TunedSteps: 50, TunedRate: 1e-5f);
        (byte[] first, byte[] tuned) = FineTune.Make(plan, dtype);
        Assert.Equal(first.Length, tuned.Length);
        Assert.NotEqual(first, tuned);

        // The last byte of an element holds the sign and all but the last bit of the exponent.
        const int Elements = 24 * 24;
        int size = dtype.BitWidth() / 8;
        Assert.InRange(Enumerable.Range(0, Elements).Count(i => first[^(1 + (i * size))] == tuned[^(1 + (i * size))]), Elements * 95 / 100, Elements);
        Assert.Equal(tuned, FineTune.Make(plan, dtype).Tuned);
    }
}
