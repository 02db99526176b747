using System.Runtime.InteropServices;
using CsCheck;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// The operators that read packed tensors in a session of ONNX Runtime whose caller gives it all inputs, and means it
/// ill: damaged packed tensors, shape carriers of other tensors, numbers too few or too many. A run ends with some
/// values or with an error that names operator and node, and the session goes on. The inputs lie between pages that
/// must not be touched.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class HostileInputTests
{
    private const int Damages = 300;

    private static readonly long[] s_dims = [4, 3, 28];

    private static readonly PoolingCase s_pool = PoolingCase.All.ElementAt(3);

    /// <summary>
    /// What a shape carrier may claim of a tensor that is not so; the last ones are larger than any memory.
    /// </summary>
    private static readonly long[][] s_shapes =
    [
        [], [0], [4, 3, 28], [4, 28, 3, 0], [336, 0], [4, 3, 29, 0], [4, 3, 0, 0], [0, 3, 28, 0], [4, 3, 7, 4, 0],
        [2, 3, 9, 12, 0],
        [2, 3, 12, 9, 0], [2, 3, 1 << 30, 1 << 30, 0], [1L << 40, 0], [4, 3, 1L << 45, 0],
        [0, 1L << 31, 1L << 31, 1L << 31, 0],
        [long.MaxValue, 0], [0, long.MaxValue, long.MaxValue, 0],
    ];

    public static TheoryData<string> Operators => [.. Cases.Select(each => each.Type)];

    private static IReadOnlyList<Case> Cases { get; } =
    [
        Case.Of(OperatorSchema.UnpackDequant.Name, OperatorSchema.UnpackDequant.Inputs, Codes(), ("trigger", [1])),
        Case.Of(OperatorSchema.MaskUnpack.Name, OperatorSchema.MaskUnpack.Inputs, Mask(), ("trigger", [1]))
            with { OutputType = DataType.Bool },
        Case.Of(OperatorSchema.ReluGradFromMask.Name, OperatorSchema.ReluGradFromMask.Inputs, Mask(), ("dY", s_dims)),
        Case.Of(OperatorSchema.ReluGradFromCodes.Name, OperatorSchema.ReluGradFromCodes.Inputs, Codes(),
            ("dY", s_dims)),
        Case.Of(
            OperatorSchema.DropoutGradFromMask.Name, OperatorSchema.DropoutGradFromMask.Inputs, Mask(), ("dY", s_dims),
            ("ratio", [])),
        Case.Of(OperatorSchema.ClipGradFromMask.Name, OperatorSchema.ClipGradFromMask.Inputs, Mask(), ("dY", s_dims)),
        Case.Of(
            OperatorSchema.MaxPoolGradFromIndex.Name, OperatorSchema.MaxPoolGradFromIndex.Inputs,
            PoolingTests.Pack(s_pool, s_pool.DrawIndices(seed: 1)), ("dY", s_pool.Output),
            ("shape", [.. s_pool.Input, 0])),
        Case.Of(
            OperatorSchema.ActivationGradFromCodes.Name, OperatorSchema.ActivationGradFromCodes.Inputs, Derivative(),
            ("dY", s_dims)),
        Case.Of(
            OperatorSchema.BatchNormalizationFromPacked.Name, OperatorSchema.BatchNormalizationFromPacked.Inputs,
            Codes(), ("trigger", [1]),
            ("scale", [3]), ("bias", [3]), ("mean", [3]), ("inv_std", [3]), ("addend", s_dims)),
        Case.Of(
            OperatorSchema.BatchNormalizationGradFromPacked.Name,
            OperatorSchema.BatchNormalizationGradFromPacked.Inputs, Codes(),
            ("dY", s_dims), ("scale", [3]), ("mean", [3]), ("inv_std", [3])) with { OutputCount = 3 },
        Case.Of(
            OperatorSchema.SoftmaxGradFromPacked.Name, OperatorSchema.SoftmaxGradFromPacked.Inputs, Codes(),
            ("dY", s_dims),
            ("sum", [4, 3, 1])),
        Case.Of(
            OperatorSchema.SoftmaxCrossEntropyLossGradFromPacked.Name,
            OperatorSchema.SoftmaxCrossEntropyLossGradFromPacked.Inputs, Codes(),
            ("dY", []), ("weight", [3])),
        Case.Of(
            OperatorSchema.LayerNormalizationFromPacked.Name, OperatorSchema.LayerNormalizationFromPacked.Inputs,
            Codes(), ("trigger", [1]),
            ("scale", [28]), ("bias", [28]), ("mean", [4, 3, 1]), ("inv_std", [4, 3, 1])),
        Case.Of(
            OperatorSchema.LayerNormalizationGradFromPacked.Name,
            OperatorSchema.LayerNormalizationGradFromPacked.Inputs, Codes(),
            ("dY", s_dims), ("scale", [28]), ("mean", [4, 3, 1]), ("inv_std", [4, 3, 1])) with { OutputCount = 3 },
    ];

    [Theory]
    [MemberData(nameof(Operators))]
    public void In_process_nothing_crashes(string type)
    {
        using var session = new OperatorSession(CaseOf(type).ToModel());
        Attack(session, CaseOf(type));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void As_a_shared_library_nothing_crashes(string type)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "the library is published for x64 Linux");
        using var session = new OperatorSession(
            CaseOf(type).ToModel(), options => options.RegisterCustomOpLibrary(OperatorLibraryFile.Path),
            inProcess: false);
        Attack(session, CaseOf(type));
    }

    [Fact]
    public void Every_reader_of_packed_bytes_is_tested()
    {
        var readers = CustomOps.Ops.OperatorTable.All.Select(each => each.Name).Distinct()
            .Where(name => name.StartsWith("Unpack", StringComparison.Ordinal) || name.Contains("From")
                || name.EndsWith("Unpack", StringComparison.Ordinal));
        Cases.Select(each => each.Type).Should().BeEquivalentTo(readers);
    }

    [Theory]
    [InlineData("LayerNormalizationFromPacked")]
    [InlineData("LayerNormalizationGradFromPacked")]
    public void Rows_without_their_deviations_are_refused(string type)
    {
        var reader = CaseOf(type);
        using var session = new OperatorSession(reader.ToModel(without: "inv_std"));
        Run(session, [.. reader.Inputs.Where(input => input.Name != "inv_std")]).Should()
            .Match($"*{type}*336 elements do not make up 0 rows*");
    }

    [Fact]
    public void Without_rows_the_gradients_of_the_columns_are_0()
    {
        var reader = CaseOf(OperatorSchema.LayerNormalizationGradFromPacked.Name);
        using var session = new OperatorSession(reader.ToModel());
        Input[] inputs =
        [
            .. reader.Inputs.Select(input => input.Name switch
            {
                "dY" or "mean" or "inv_std" => input with { Dimensions = [0, 1], Bytes = [] },
                "shape" => input with { Dimensions = [0, 3, 28, 0] },
                "packed" => Packed(TestCodec.Pack(
                    KernelTiers.Current, ElementType.Float32, [], [0, 3, 28], Format, TestCodec.Key)),
                _ => input,
            }),
        ];
        byte[][] outputs = [];
        Run(session, inputs, run => outputs = [run.Bytes("dscale"), run.Bytes("dbias")]).Should().BeNull();
        outputs.Should().AllBeEquivalentTo(new byte[28 * sizeof(float)]);
    }

    private static void Attack(OperatorSession session, Case reader)
    {
        var before = Sound(session, reader);
        var (ran, refused) = (0, 0);
        Gen.Select(Damage.Any, Gen.Int[0, 9]).Sample(
            (damage, other) =>
            {
                // A mask is a packed tensor too.
                var name = other == 0 && reader.Inputs.Any(input => input.Name == "mask") ? "mask" : "packed";
                Try(reader.Inputs.Select(input => input.Name == name ? Packed(damage.Of(input.Bytes), name) : input));
            },
            iter: Damages, threads: 1);
        foreach (var shape in s_shapes)
        {
            var bytes = new byte[shape.Contains(0) ? 0 : TestTensor.CountOf(shape)];
            Try(reader.Inputs.Select(
                input => input.Name == "shape" ? input with { Dimensions = shape, Bytes = bytes } : input));
        }
        foreach (var attacked in reader.Inputs.Where(input => input.Name is not ("packed" or "shape")))
        {
            foreach (var (dimensions, bytes) in attacked.OfOtherSizes())
                Try(reader.Inputs.Select(
                    input => input == attacked ? input with { Dimensions = dimensions, Bytes = bytes } : input));
        }
        refused.Should().BeGreaterThan(Damages / 20);
        ran.Should().BeGreaterThan(Damages / 20);
        Sound(session, reader).Should().Equal(before, "the session goes on");

        void Try(IEnumerable<Input> inputs)
        {
            if (Run(session, [.. inputs]) is not { } error)
            {
                ran++;
                return;
            }
            error.Should().Contain($"{reader.Type} '{OperatorGraph.UnpackName}'");
            error.Should().NotMatchRegex(@"\w+Exception: ", "that is how an error looks that nobody expected");
            refused++;
        }
    }

    private static byte[] Sound(OperatorSession session, Case reader)
    {
        byte[] bytes = [];
        Run(session, reader.Inputs, run => bytes = run.Bytes(reader.Outputs[0])).Should().BeNull();
        return bytes;
    }

    /// <summary>Runs once; the error of the run, or null.</summary>
    private static unsafe string? Run(
        OperatorSession session, IReadOnlyList<Input> inputs, Action<SessionRun>? take = null)
    {
        var (buffers, values) = (new List<GuardedBuffer>(), new List<(string Name, OrtValue Value)>());
        try
        {
            foreach (var input in inputs)
            {
                var buffer = new GuardedBuffer(input.Bytes.Length);
                buffers.Add(buffer);
                input.Bytes.CopyTo(buffer.Bytes);
                values.Add((input.Name, OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)input.Type, input.Dimensions,
                    (nint)buffer.Pointer, buffer.Length)));
            }
            using var run = session.Run([.. values]);
            take?.Invoke(run);
            return null;
        }
        catch (OnnxRuntimeException error)
        {
            return error.Message;
        }
        finally
        {
            foreach (var (_, value) in values) value.Dispose();
            foreach (var buffer in buffers) buffer.Dispose();
        }
    }

    private static Case CaseOf(string type) => Cases.Single(each => each.Type == type);

    private static PackFormat Format => new(CodeWidth.TwoBits, zeroExact: true) { GroupSize = 16 };

    private static byte[] Codes() => TestCodec.Pack(
        KernelTiers.Current, ElementType.Float32,
        TestTensor.ToBytes(TestTensor.Draw(336, isRelu: true, seed: 3), ElementType.Float32), s_dims,
        Format, TestCodec.Key);

    private static byte[] Mask() => TestMasks.Pack(
        KernelTiers.Current, ElementType.Float32,
        TestTensor.ToBytes(TestTensor.Draw(336, isRelu: true, seed: 3), ElementType.Float32));

    private static byte[] Derivative() => TestDerivatives.Pack(
        KernelTiers.Current, ElementType.Float32, new byte[336 * sizeof(float)],
        new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither), TestDerivatives.Key);

    private static Input Packed(byte[] bytes, string name = "packed") =>
        new(name, DataType.UInt8, [bytes.Length], bytes);

    /// <summary>An operator, and inputs that make sense.</summary>
    private sealed record Case(string Type, IReadOnlyList<Input> Inputs)
    {
        private static readonly string[] s_outputs = ["out", "dscale", "dbias"];

        public int OutputCount { get; init; } = 1;

        public DataType OutputType { get; init; } = DataType.Float;

        public string[] Outputs => s_outputs[..OutputCount];

        public static Case Of(
            string type, IReadOnlyList<string> inputs, byte[] packed,
            params (string Name, long[] Dimensions)[] others) =>
            new(type, [.. inputs.Select(
                name => (name, others.FirstOrDefault(other => other.Name == name).Dimensions) switch
            {
                ("packed", _) => Packed(packed),
                ("mask", _) => Packed(Mask(), "mask"),
                ("shape", var dimensions) => new Input(name, DataType.UInt8, dimensions ?? [.. s_dims, 0], []),
                ("labels", _) => new Input(
                    name, DataType.Int64, [4, 28],
                    MemoryMarshal.AsBytes<long>([.. Enumerable.Range(0, 4 * 28).Select(i => i % 3L)]).ToArray()),
                (_, { } dimensions) => Numbers(name, dimensions),
                _ => throw new InvalidOperationException($"{type} has an input {name}."),
            })]);

        public byte[] ToModel(string? without = null) => OperatorGraph.Reader(
            Type, Inputs.Select(input => (input.Name == without ? "" : input.Name, input.Type)),
            Outputs.Select(output => (output, OutputType)));

        /// <summary>Between 0 and 1: factors, statistics and a ratio alike.</summary>
        private static Input Numbers(string name, long[] dimensions)
        {
            var random = new Random(5);
            var numbers = new float[TestTensor.CountOf(dimensions)];
            foreach (ref var number in numbers.AsSpan()) number = 0.1f + 0.8f * random.NextSingle();
            return new Input(name, DataType.Float, dimensions, MemoryMarshal.AsBytes<float>(numbers).ToArray());
        }
    }

    private sealed record Input(string Name, DataType Type, long[] Dimensions, byte[] Bytes)
    {
        /// <summary>The same numbers, and more or fewer of them, in other dimensions.</summary>
        public IEnumerable<(long[] Dimensions, byte[] Bytes)> OfOtherSizes()
        {
            var size = Type == DataType.Int64 ? sizeof(long) : Type == DataType.Float ? sizeof(float) : 1;
            var count = Bytes.Length / size;
            yield return ([0], []);
            yield return ([3, 0, 7], []);
            yield return ([count - 1], Bytes[size..]);
            yield return ([count + 1], [.. Bytes, .. Bytes[..size]]);
            yield return ([count, 1, 1], Bytes);
            yield return ([2, count], [.. Bytes, .. Bytes]);
            if (Type == DataType.UInt8) yield break;
            // Every bit set: NaN, and no class.
            yield return (Dimensions, [.. Bytes.Select(_ => byte.MaxValue)]);
        }
    }
}
