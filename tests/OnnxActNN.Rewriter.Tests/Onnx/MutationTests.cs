using CsCheck;
using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Damaged files give errors of our own kind, in bounded time and memory.</summary>
public sealed class MutationTests
{
    private const int Files = 1000;

    /// <summary>
    /// Bytes that reading and writing may allocate per byte of the file. Text is the worst: 2 bytes of file are an
    /// empty node, which takes some hundred bytes as an object.
    /// </summary>
    private const long BytesPerByte = 2000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Damaged_odd_models_give_typed_errors_only()
    {
        var models = OddModels.All.Values.Select(build => build().ToByteArray()).ToArray();

        await CheckInTime(models);
    }

    [Fact]
    public async Task Damaged_real_models_give_typed_errors_only()
    {
        string[] names =
        [
            "external/ort-mnist/training_model.onnx", "external/ort-custom-ops/training_model.onnx",
            "zoo/small/mlp/training_model.onnx", "zoo/small/mlp/optimizer_model.onnx",
            "zoo/small/lenet/training_model.onnx", "zoo/small/autoencoder-mse/training_model.onnx",
        ];
        var models = names.Select(name => File.ReadAllBytes(SharedFolder.PathTo("models", name))).ToArray();

        await CheckInTime(models);
    }

    private static async Task CheckInTime(byte[][] models)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await Task.Run(() => Check(models), cancellation).WaitAsync(Limit, cancellation);
    }

    private static void Check(byte[][] models)
    {
        var (read, refused) = (0, 0);
        Gen.Select(Gen.Int[0, models.Length - 1], Gen.Int[0, models.Length - 1])
            .SelectMany((which, other) => Mutation.Of(models[which], models[other]))
            .Sample(
                bytes => Interlocked.Increment(ref IsReadable(bytes) ? ref read : ref refused), iter: Files,
                threads: 1);

        // Some 30 of 1,000 damaged training graphs can be read, with a deviation of 6.
        read.Should().BeGreaterThan(Files / 200, "some damage is harmless, and writing has to be reached");
        refused.Should().BeGreaterThan(Files / 5, "most damage is not");
    }

    /// <summary>
    /// Reads, looks at everything, writes, reads again, rewrites. Errors of other kinds than our own fall through.
    /// </summary>
    private static bool IsReadable(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var model = ModelReader.Read(bytes);
            Look(model.Graph);
            ModelReader.Read(ModelWriter.Write(model));
            TryRewrite(bytes);
            return true;
        }
        catch (OnnxActNNException)
        {
            return false;
        }
        finally
        {
            (GC.GetAllocatedBytesForCurrentThread() - before).Should()
                .BeLessThan(1_000_000 + BytesPerByte * bytes.Length);
        }
    }

    private static void TryRewrite(byte[] bytes)
    {
        try
        {
            TrainingGraphRewriter.Rewrite(bytes).ToBytes();
        }
        catch (OnnxActNNException)
        {
            // A damaged training graph may still be one that can be read.
        }
    }

    private static void Look(Graph graph)
    {
        foreach (var value in graph.Values)
        {
            _ = value.Declared?.Shape?.Elements.Names().Count();
            value.Initializer?.TryGetFloats();
            value.Initializer?.TryGetIntegers();
        }
        foreach (var inner in graph.Nodes.SelectMany(node => node.Subgraphs)) Look(inner);
    }
}
