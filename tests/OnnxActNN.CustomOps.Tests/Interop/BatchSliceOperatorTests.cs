using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>Slices of a batch in real sessions.</summary>
[Collection(SessionCollection.Name)]
public sealed class BatchSliceOperatorTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Slices_are_the_samples_in_order(bool hasTrigger)
    {
        float[] x = [.. Enumerable.Range(1, 5 * 6).Select(i => (float)i)];
        var whole = new List<float>();
        for (var index = 0; index < 3; index++)
        {
            using var session = Open(index, 3, hasTrigger);
            using var outputs = Run(session, x, hasTrigger, 5, 2, 3);
            outputs.Dimensions("y").Should().Equal(index == 0 ? 1 : 2, 2, 3);
            whole.AddRange(outputs.Elements<float>("y"));
        }
        whole.Should().Equal(x);
    }

    [Fact]
    public void A_slice_without_samples_of_its_own_is_a_sample_of_zeros()
    {
        float[] x = [1, 2, 3, 4];
        var sums = new float[2];
        for (var index = 0; index < 5; index++)
        {
            using var session = Open(index, 5, hasTrigger: false);
            using var outputs = Run(session, x, hasTrigger: false, 2, 2);
            var (y, isEmpty) = (outputs.Elements<float>("y"), index is not (2 or 4));
            y.Should().Equal(isEmpty ? [0, 0] : index == 2 ? [1, 2] : [3, 4]);
            for (var i = 0; i < y.Length; i++) sums[i] += y[i];
        }
        sums.Should().Equal(1 + 3, 2 + 4);
    }

    [Fact]
    public void An_unpack_restores_a_slice_of_what_it_restores_whole()
    {
        var model = OperatorGraph.PackUnpack(DataType.Float, unpack: attributes => Set(attributes, 1, 2));
        using var session = new OperatorSession(model);
        using var outputs = session.Run(("x", OperatorSession.Tensor(Sample.X, Sample.Dimensions)));
        var slice = BatchSlice.Create(1, 2);
        var (start, end) = slice.ElementsOf(Sample.Dimensions);
        outputs.Dimensions("y").Should().Equal(slice.DimensionsOf(Sample.Dimensions));
        outputs.Elements<float>("y").Should().Equal(Sample.Unpack(Sample.Packed)[(int)start..(int)end]);
    }

    [Fact]
    public void A_slice_that_is_not_there_is_refused_when_the_session_opens()
    {
        var open = () => Open(2, 2, hasTrigger: false);
        open.Should().Throw<OnnxRuntimeException>().WithMessage("*BatchSlice*'slice_index' is 2*");
    }

    private static OperatorSession Open(int index, int count, bool hasTrigger) => new(OperatorGraph.Reader(
        OperatorSchema.BatchSlice.Name,
        [("x", DataType.Float), .. hasTrigger ? [("trigger", DataType.Bool)] : ((string, DataType)[])[]],
        [("y", DataType.Float)], attributes => Set(attributes, index, count)));

    private static SessionRun Run(OperatorSession session, float[] x, bool hasTrigger, params long[] dims)
    {
        (string, OrtValue)[] trigger = hasTrigger ? [("trigger", OperatorSession.Tensor([true], 1))] : [];
        return session.Run([("x", OperatorSession.Tensor(x, dims)), .. trigger]);
    }

    private static void Set(AttributeList attributes, int index, int count)
    {
        attributes.Set(SliceAttributes.Index, index);
        attributes.Set(SliceAttributes.Count, count);
    }
}
