using FluentAssertions;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.CustomOps.Tests.Cuda;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>The operators registered for both providers, on an ONNX Runtime that has the CPU's alone.</summary>
[Collection(SessionCollection.Name)]
public sealed unsafe class CudaRegistrationTests
{
    [Fact]
    public void One_schema_serves_both_providers_and_the_CPU_runs_what_it_always_ran()
    {
        var apiBase = ManagedRuntime.GetApiBase();
        var both = new OperatorDomain(
            apiBase->GetApi(), OperatorSchema.Domain, OperatorTable.All, EmulatedCuda.Kernels);
        var cpu = new OperatorDomain(apiBase->GetApi(), OperatorSchema.Domain, OperatorTable.All, cuda: null);
        Run(apiBase, both).Should().BeEquivalentTo(Run(apiBase, cpu));
    }

    private static byte[][] Run(OrtApiBase* apiBase, OperatorDomain domain)
    {
        using var session = new NativeSession(apiBase, OperatorGraph.PackUnpack(DataType.Float), domain.AddTo);
        return session.Run(Sample.X, Sample.Dimensions, "packed", "y");
    }
}
