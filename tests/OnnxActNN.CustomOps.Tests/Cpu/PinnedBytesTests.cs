using System.Security.Cryptography;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// The bytes themselves, so that processes on different tiers and machines, and later versions, agree.
/// </summary>
public sealed class PinnedBytesTests
{
    /// <summary>To be changed only together with <see cref="PackedHeader.Version"/>.</summary>
    private const string KnownHash = "3bbf3a990b6dc6ab0e69";

    [Fact]
    public void All_kernels_of_version_2_give_these_bytes()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var kernel in KernelCase.Uniform)
        {
            long[] dims = [2, 3, 137];
            var x = TestTensor.ToBytes(TestTensor.Draw(2 * 3 * 137, kernel.ZeroExact, seed: 6), kernel.Type);
            var packed = TestCodec.Pack(KernelTiers.Current, kernel.Type, x, dims, kernel.Format(50), TestCodec.Key);
            hash.AppendData(packed);
            hash.AppendData(TestCodec.Unpack(KernelTiers.Current, kernel.Type, packed, dims));
        }

        PackedHeader.Version.Should().Be(2);
        Convert.ToHexStringLower(hash.GetHashAndReset()).Should().StartWith(KnownHash);
    }
}
