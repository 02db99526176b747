using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Puts ActProfile nodes behind saved tensors and gradients.</summary>
/// <remarks>
/// 1. Behind each tensor that would be packed, with the groups that a pack of its own would have; all its forward
/// readers read the pass-through, so that the node runs in the forward pass. Where the exponential would be packed, it
/// is measured.
/// 2. Behind each floating-point gradient that another backward node reads: views of a gradient that is measured
/// already, graph outputs and gradients of which only the shape is read are left out.
/// 3. A node behind a gradient counts as a backward node.
/// </remarks>
internal sealed class InstrumentTrainingGraph(TrainingGraph training, InstrumentOptions options, string fingerprint)
{
    /// <summary>
    /// A sample's squares are summed up in pieces of this many elements: so few that the sum of one piece does not wait
    /// for the one before.
    /// </summary>
    private const int GradientGroup = 512;

    private readonly Graph _graph = training.Model.Graph;

    /// <summary>Rule 1.</summary>
    public void MeasureActivations(IEnumerable<TensorPlan> plans)
    {
        foreach (var plan in plans)
        {
            var value = plan.Tensor.Value;
            if (plan.Stores.Any(store => store.IsExponential))
            {
                Insert(value, Exponential(value), ProfileAttributes.RoleActivation, plan.Format!);
                continue;
            }
            var node = Insert(value, value, ProfileAttributes.RoleActivation, plan.Format!);
            GraphEditor.ReplaceUses(value, node.Output(0)!, use => use.Node != node && !IsBackward(use));
        }
    }

    /// <summary>Rules 2 and 3; tells how many gradients are measured.</summary>
    public int MeasureGradients()
    {
        var measured = _graph.Nodes.Where(training.Split.IsBackward).SelectMany(node => node.Results)
            .Where(IsMeasured).ToList();
        foreach (var value in measured)
        {
            var rank = training.Types.ShapeOf(value)!.Rank;
            var node = Insert(value, value, ProfileAttributes.RoleGradient, GradientFormat(rank));
            node.DocString = value.Producer!.DocString;
            GraphEditor.ReplaceUses(value, node.Output(0)!, use => use.Node != node);
        }
        return measured.Count;
    }

    /// <summary>Pieces of samples.</summary>
    private static PackFormat GradientFormat(int rank) => new(CodeWidth.EightBits, zeroExact: false)
    {
        GroupAxis = rank > 1 ? 1 : 0,
        GroupSize = GradientGroup,
    };

    private bool IsMeasured(Value value) =>
        training.Split.IsGradient(value) && !value.IsGraphOutput && BufferViews.Owner(value) == value
        && training.Types.Of(value) is { Shape.Rank: > 0 } type && type.ElementType.IsPackableFloat()
        && value.Uses.Any(
            use => !IsEnd(use.Node) && training.Split.IsBackward(Reach.OwnerIn(_graph, use.Node) ?? use.Node));

    /// <summary>
    /// A parameter's gradient goes nowhere else; what is measured of it is in the gradients themselves.
    /// </summary>
    private static bool IsEnd(Node node) =>
        node.Operator.Type.StartsWith("InPlaceAccumulator", StringComparison.Ordinal);

    private bool IsBackward(Use use) =>
        Reach.OwnerIn(_graph, use.Node) is { } owner && training.Split.IsBackward(owner);

    private Value Exponential(Value value)
    {
        var exponential = _graph.AddFreshValue($"{value.Name}/exponential", training.Types.Of(value));
        GraphEditor.InsertAfter(value.Producer!, OperatorId.Onnx("Exp"), exponential.Name, [value], [exponential]);
        return exponential;
    }

    private Node Insert(Value value, Value measured, string role, PackFormat format)
    {
        var passThrough = _graph.AddFreshValue($"{value.Name}/profiled", training.Types.Of(value));
        var node = GraphEditor.InsertAfter(
            measured.Producer!, PackOperators.ActProfile, $"{value.Name}/{PackOperators.ActProfile.Type}", [measured],
            [passThrough]);
        node.Attributes.Set(ProfileAttributes.Tensor, value.Name);
        node.Attributes.Set(ProfileAttributes.Role, role);
        node.Attributes.Set(ProfileAttributes.Sink, options.Sink);
        node.Attributes.Set(ProfileAttributes.File, options.File ?? "");
        node.Attributes.Set(ProfileAttributes.Model, fingerprint);
        node.Attributes.Set(ProfileAttributes.Every, options.Every);
        node.Attributes.Set(PackAttributes.GroupAxis, format.GroupAxis);
        node.Attributes.Set(PackAttributes.GroupSize, format.GroupSize);
        node.Attributes.Set(PackAttributes.Layout, PackAttributes.TextOf(format.Layout));
        return node;
    }
}
