using ModelPack.Comparison.Analysis;

namespace ModelPack.Comparison.Tests.Analysis;

public sealed class LayerKindTests
{
    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.weight", "attention q")]
    [InlineData("model.layers.0.self_attn.k_proj.weight", "attention k")]
    [InlineData("model.layers.0.self_attn.v_proj.weight", "attention v")]
    [InlineData("model.layers.0.self_attn.o_proj.weight", "attention o")]
    [InlineData("bert.encoder.layer.3.attention.self.query.weight", "attention q")]
    [InlineData("transformer.h.0.attn.c_attn.weight", "attention")]
    [InlineData("model.layers.0.mlp.gate_proj.weight", "mlp")]
    [InlineData("encoder.layers.0.fc1.weight", "mlp")]
    [InlineData("model.embed_tokens.weight", "embedding")]
    [InlineData("transformer.wte.weight", "embedding")]
    [InlineData("model.layers.0.input_layernorm.weight", "norm")]
    [InlineData("transformer.h.0.ln_1.weight", "norm")]
    [InlineData("lm_head.weight", "lm head")]
    [InlineData("model.layers.0.self_attn.q_proj.bias", "bias")]
    [InlineData("backbone.conv1.weight", "conv")]
    [InlineData("something", "other")]
    public void Names_tell_the_kind(string name, string kind) => Assert.Equal(kind, LayerKind.Of(new TensorInfo(name, Dtype.F32, [8, 8])));

    [Fact]
    public void Exported_weights_of_four_dimensions_are_convolutions() =>
        Assert.Equal("conv", LayerKind.Of(new TensorInfo("onnx::X_17", Dtype.F16, [8, 8, 3, 3])));

    [Fact]
    public void A_name_of_a_million_characters_takes_no_time() =>
        Assert.Equal("other", LayerKind.Of(new TensorInfo(string.Concat(Enumerable.Repeat("atx", 400_000)), Dtype.F32, [8])));
}
