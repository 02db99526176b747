using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu.Normalization;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class RootEstimatesTests
{
    [Fact]
    public void The_table_has_the_processor_s_estimates_of_all_exponents()
    {
        Assert.SkipUnless(Sse.IsSupported, "only x86 has estimates of its own");
        var random = new Random(5);
        for (var exponent = 1; exponent < 255; exponent++)
        {
            for (var draw = 0; draw < 500; draw++)
            {
                var bits = exponent << 23 | random.Next(1 << 23);
                var x = BitConverter.Int32BitsToSingle(bits);
                var half = (exponent - 127) >> 1;
                var index = bits >> (23 - RootEstimates.LeadingBits) & (RootEstimates.Table.Length - 1);
                var estimate = MathF.ScaleB(RootEstimates.Table[index], -half);
                estimate.Should().Be(Sse.ReciprocalSqrtScalar(Vector128.CreateScalar(x)).ToScalar(), "of {0}", x);
            }
        }
    }
}
