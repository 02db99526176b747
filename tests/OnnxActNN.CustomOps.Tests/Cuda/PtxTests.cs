using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class PtxTests
{
    public static TheoryData<string> Modules =>
        [.. Directory.EnumerateFiles(
            Path.Combine(SharedFolder.Repository, "CustomOps", "Runtime", "Cuda", "Kernels"), "*.cu")
            .Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(Modules))]
    public void Each_kernel_file_is_carried_compiled_and_free_of_fused_arithmetic_and_spills(string module)
    {
        var text = Encoding.UTF8.GetString(PtxFile.Read(module));
        text.Should().EndWith("\0").And.Contain(".version 7.5").And.Contain(".target sm_80");
        // Without a rounding of its own an instruction may be fused with another.
        text.Should().NotMatchRegex(@"(add|sub|mul|div)\.f(32|64)");
        text.Should().NotContain("mad.rn.f").And.NotContain(".ftz").And.NotContain(".local");
        // The format has one: float16 is decoded with one rounding of product and sum.
        var fused = Regex.Matches(text, @"fma\.\S+").Select(match => match.Value).Distinct();
        fused.Should().Equal(module == "quantize_float16" ? ["fma.rn.f32"] : Array.Empty<string>());
    }

    [Fact]
    public void A_module_that_is_not_carried_is_named()
    {
        var read = () => PtxFile.Read("no_such_module");
        read.Should().Throw<OperatorException>().WithMessage("*'no_such_module'*");
    }
}
