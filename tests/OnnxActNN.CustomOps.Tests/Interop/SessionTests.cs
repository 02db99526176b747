using CsCheck;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// The operators in real sessions, registered in process. Runs on every ONNX Runtime that the tests can have.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class SessionTests
{
    private static bool IsOldest => OrtEnv.Instance().GetVersionString() == "1.19.2";

    private static long[] Dimensions => Sample.Dimensions;

    private static float[] X => Sample.X;

    [Fact]
    public void The_packed_bytes_are_the_kernels_own()
    {
        using var session = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float, attributes =>
        {
            attributes.Set(PackAttributes.Levels, 16);
            attributes.Set(PackAttributes.GroupAxis, 2);
            attributes.Set(PackAttributes.GroupSize, 100);
            attributes.Set(PackAttributes.Metadata, PackAttributes.MetadataEightBits);
            attributes.Set(PackAttributes.Seed, 7);
            attributes.Set(PackAttributes.TensorId, 9);
            attributes.Set(PackAttributes.FirstRun, 5);
        }));
        var format = new PackFormat(CodeWidth.FourBits, zeroExact: false)
        {
            GroupAxis = 2,
            GroupSize = 100,
            Metadata = MetadataFormat.EightBits,
        };

        for (var run = 5; run < 8; run++)
        {
            using var outputs = session.Run(("x", OperatorSession.Tensor(X, Dimensions)));
            var expected = Sample.Pack(format, new PackKey(7, 9, run));
            outputs.Elements<byte>("packed").Should().Equal(expected);
            outputs.Elements<float>("y").Should().Equal(Sample.Unpack(expected));
            outputs.Elements<float>("next").Should().Equal(X);
            outputs.Dimensions("shape").Should().Equal([.. Dimensions, 0]);
            outputs.Dimensions("y").Should().Equal(Dimensions);
        }
    }

    public static TheoryData<PoolingCase> Pools => [.. PoolingCase.All];

    [Theory]
    [MemberData(nameof(Pools), DisableDiscoveryEnumeration = true)]
    public void A_pool_that_packs_its_indices_is_ONNX_Runtime_s(PoolingCase pool)
    {
        var random = new Random(8);
        // Few values, so that there are equal ones, and some that are never the largest.
        float[] values =
            [-2, -1, -0f, 0, 1, 2, float.MinValue, float.NegativeInfinity, float.NaN, float.PositiveInfinity];
        var x = random.GetItems(values, TestTensor.CountOf(pool.Input));
        using var session = OpenPools(pool);

        using var outputs = session.Run(("x", OperatorSession.Tensor(x, pool.Input)));

        pool.Window.StartsInside.Should().Be(true);
        outputs.Dimensions("y").Should().Equal(pool.Output);
        outputs.Dimensions("own_y").Should().Equal(pool.Output);
        outputs.Bytes("own_y").Should().Equal(outputs.Bytes("y"));
        outputs.Elements<byte>("own_packed").Should().Equal(outputs.Elements<byte>("packed"));
    }

    [Fact]
    public void Only_some_versions_of_ONNX_Runtime_count_windows_that_start_behind_the_input()
    {
        var pool = new PoolingCase([1, 1, 3], [2], [2], [1], [1, 1], true);
        using var session = OpenPools(pool);

        var run = () => session.Run(("x", OperatorSession.Tensor([3f, 2, 1], pool.Input)));

        pool.Window.StartsInside.Should().BeFalse();
        if (IsOldest)
        {
            run.Should().Throw<OnnxRuntimeException>().WithMessage(
                "*holds no element*", "MaxPool has a window more, which IndexPack refuses");
        }
        else
        {
            using var outputs = run();
            outputs.Dimensions("y").Should().Equal(outputs.Dimensions("own_y"));
        }
    }

    private static OperatorSession OpenPools(PoolingCase pool) => new(OperatorGraph.Pools(
        DataType.Float, attributes => Write(attributes, pool),
        attributes => attributes.Set(PoolingAttributes.FromFirst, IsOldest ? 0 : 1)));

    private static void Write(AttributeList attributes, PoolingCase pool)
    {
        attributes.Set(PoolingAttributes.KernelShape, new AttributeValue.Ints(pool.Kernel));
        attributes.Set(PoolingAttributes.Strides, new AttributeValue.Ints(pool.Strides));
        attributes.Set(PoolingAttributes.Dilations, new AttributeValue.Ints(pool.Dilations));
        attributes.Set(PoolingAttributes.Pads, new AttributeValue.Ints(pool.Pads));
        attributes.Set(PoolingAttributes.CeilMode, pool.CeilMode ? 1 : 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trigger")]
    public void A_sum_is_the_same_whatever_it_waits_for(string trigger)
    {
        (string, DataType)[] inputs = [("a", DataType.Float), ("b", DataType.Float), (trigger, DataType.Float)];
        using var session = new OperatorSession(
            OperatorGraph.Reader(OperatorSchema.AddInPlace.Name, inputs, [("c", DataType.Float)]));
        (string, OrtValue)[] fed =
        [
            ("a", OperatorSession.Tensor(X, Dimensions)), ("b", OperatorSession.Tensor(X, Dimensions)),
            ("trigger", OperatorSession.Tensor([float.NaN], 1)),
        ];

        using var outputs = session.Run(trigger.Length == 0 ? fed[..2] : fed);

        outputs.Elements<float>("c").Should().Equal(X.Select(x => x + x));
    }

    [Fact]
    public void A_sum_adds_channels()
    {
        (string, DataType)[] inputs = [("a", DataType.Float), ("b", DataType.Float)];
        using var session = new OperatorSession(OperatorGraph.Reader(
            OperatorSchema.AddInPlace.Name, inputs, [("c", DataType.Float)],
            attributes => attributes.Set(SumAttributes.First, 1)));

        using var outputs = session.Run(
            ("a", OperatorSession.Tensor([1f, 2, 3, 4], 2, 1, 2)),
            ("b", OperatorSession.Tensor([10f, 20, 30, 40, 50, 60, 70, 80], 2, 2, 2)));

        outputs.Elements<float>("c").Should().Equal(31, 42, 73, 84);
    }

    [Fact]
    public void Left_out_attributes_have_the_defaults_of_the_format()
    {
        using var session = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        using var outputs = session.Run(("x", OperatorSession.Tensor(X, Dimensions)));
        outputs.Elements<byte>("packed").Should().Equal(Sample.Packed);
    }

    [Fact]
    public void Every_element_type_has_its_overload()
    {
        RoundTrip(DataType.Float, value => value, value => value);
        RoundTrip(DataType.Double, value => (double)value, value => (float)value);
        RoundTrip(DataType.Float16, value => (Float16)value, value => (float)value);
        RoundTrip(DataType.BFloat16, value => (BFloat16)value, value => (float)value);
    }

    [Fact]
    public void Nonzero_output_is_the_exact_mask()
    {
        var relu = Array.ConvertAll(X, value => Math.Max(value, 0f));
        using var session = new OperatorSession(OperatorGraph.PackUnpack(
            DataType.Float,
            attributes => attributes.Set(PackAttributes.ZeroExact, 1),
            attributes => attributes.Set(PackAttributes.Output, PackAttributes.OutputNonzero)));
        using var outputs = session.Run(("x", OperatorSession.Tensor(relu, Dimensions)));
        outputs.Elements<float>("y").Should().Equal(Array.ConvertAll(relu, value => value > 0 ? 1f : 0f));
    }

    [Fact]
    public void The_pass_through_is_the_input_itself_in_sequential_sessions()
    {
        var before = OperatorDiagnostics.PassThroughCopies;
        using var session = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        using var carrier = new OperatorSession(OperatorGraph.CarryShape(DataType.Float));
        session.Run(("x", OperatorSession.Tensor(X, Dimensions))).Dispose();
        carrier.Run(("x", OperatorSession.Tensor(X, Dimensions))).Dispose();
        (OperatorDiagnostics.PassThroughCopies - before).Should().Be(0);
    }

    [Fact]
    public void The_pass_through_is_a_counted_copy_in_parallel_sessions()
    {
        var before = OperatorDiagnostics.PassThroughCopies;
        using var session = new OperatorSession(
            OperatorGraph.PackUnpack(DataType.Float), options => options.ExecutionMode = ExecutionMode.ORT_PARALLEL);
        using var outputs = session.Run(("x", OperatorSession.Tensor(X, Dimensions)));
        outputs.Elements<float>("next").Should().Equal(X);
        (OperatorDiagnostics.PassThroughCopies - before).Should().Be(1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_whatever_the_threads()
    {
        var x = Sample.Values(1 << 20);
        byte[] Packed(int threads, long seed)
        {
            using var session = new OperatorSession(
                OperatorGraph.PackUnpack(DataType.Float, attributes => attributes.Set(PackAttributes.Seed, seed)),
                options => options.IntraOpNumThreads = threads);
            using var outputs = session.Run(("x", OperatorSession.Tensor(x, 16, 1 << 16)));
            return outputs.Elements<byte>("packed");
        }

        var one = Packed(threads: 1, seed: 3);
        Packed(threads: 4, seed: 3).Should().Equal(one);
        Packed(threads: 1, seed: 4)[PackedHeader.Size..].Should().NotEqual(one[PackedHeader.Size..]);
    }

    [Fact]
    public void Runs_on_several_threads_of_several_sessions_are_each_numbered_once()
    {
        const int Threads = 4, Runs = 25;
        using var first = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        using var second = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        foreach (var session in new[] { first, second })
        {
            var numbers = new long[Threads * Runs];
            Parallel.For(0, Threads, thread =>
            {
                for (var run = 0; run < Runs; run++)
                {
                    using var outputs = session.Run(("x", OperatorSession.Tensor(X, Dimensions)));
                    var packed = outputs.Elements<byte>("packed");
                    numbers[thread * Runs + run] = PackedHeader.Read(packed).Key.Run;
                    outputs.Elements<float>("y").Should().Equal(Sample.Unpack(packed));
                }
            });
            numbers.Order().Should().Equal(Enumerable.Range(0, numbers.Length).Select(number => (long)number));
        }
    }

    [Fact]
    public void Registration_may_be_repeated_and_concurrent()
    {
        Parallel.For(0, 8, _ =>
        {
            using var session = new OperatorSession(
                OperatorGraph.PackUnpack(DataType.Float), options => options.RegisterOnnxActNN());
            session.Run(("x", OperatorSession.Tensor(X, Dimensions))).Dispose();
        });
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 5, 7)]
    [InlineData(3, 0, 2)]
    public void Tiny_and_empty_tensors_pass(int first, int second, int third)
    {
        using var session = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        var x = X[..(first * second * third)];
        using var outputs = session.Run(("x", OperatorSession.Tensor(x, first, second, third)));
        outputs.Dimensions("shape").Should().Equal(first, second, third, 0);
        outputs.Dimensions("y").Should().Equal(first, second, third);
        outputs.Elements<float>("next").Should().Equal(x);
    }

    [Fact]
    public void Scalars_pass()
    {
        using var session = new OperatorSession(OperatorGraph.PackUnpack(DataType.Float));
        using var outputs = session.Run(("x", OperatorSession.Tensor([0f])));
        outputs.Dimensions("shape").Should().Equal(0);
        outputs.Elements<float>("y").Should().Equal(0f);
    }

    [Fact]
    public void A_shape_is_carried_for_any_element_type()
    {
        CarryShape(DataType.Float, X[..24]);
        CarryShape(DataType.Int64, Enumerable.Range(0, 24).Select(number => (long)number).ToArray());
        CarryShape(DataType.Bool, Enumerable.Range(0, 24).Select(number => number % 3 == 0).ToArray());
    }

    [Fact]
    public void Bytes_that_no_pack_wrote_end_in_an_error_and_never_in_a_crash() =>
        Gen.Byte.Array[0, 400].Sample(
            bytes =>
            {
                using var session = new OperatorSession(OperatorGraph.Unpack(DataType.Float));
                var run = () => session.Run(
                    ("packed", OperatorSession.Tensor(bytes, bytes.Length)),
                    ("shape", OperatorSession.Tensor(Array.Empty<byte>(), 4, 5, 0)),
                    ("trigger", OperatorSession.Tensor([0f], 1)));
                run.Should().Throw<OnnxRuntimeException>()
                    .WithMessage($"*UnpackDequant '{OperatorGraph.UnpackName}': *");
            },
            iter: 50,
            threads: 1);

    private static void RoundTrip<T>(DataType type, Func<float, T> to, Func<T, float> from)
        where T : unmanaged
    {
        using var session = new OperatorSession(
            OperatorGraph.PackUnpack(type, attributes => attributes.Set(PackAttributes.Levels, 256)));
        var x = Array.ConvertAll(X, value => to(value));
        using var outputs = session.Run(("x", OperatorSession.Tensor(x, Dimensions)));
        outputs.Elements<T>("next").Should().Equal(x);
        PackedHeader.Read(outputs.Elements<byte>("packed")).Type.Should().Be((ElementType)type);
        var y = Array.ConvertAll(outputs.Elements<T>("y"), value => from(value));
        // The values span 4: a step of 256 levels is 1/64, one more for the rounding of range, step and element type.
        for (var i = 0; i < y.Length; i++) y[i].Should().BeApproximately(from(x[i]), 2f / 64, $"element {i} of {type}");
        y.Should().NotEqual(Array.ConvertAll(x, value => from(value)));
    }

    private static void CarryShape<T>(DataType type, T[] x)
        where T : unmanaged
    {
        using var session = new OperatorSession(OperatorGraph.CarryShape(type));
        using var outputs = session.Run(("x", OperatorSession.Tensor(x, 2, 3, 4)));
        outputs.Elements<long>("dimensions").Should().Equal(2, 3, 4);
        outputs.Elements<T>("next").Should().Equal(x);
    }
}
