using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// How a backward pass is written: the operators, where it starts, and what becomes of the gradients.
/// </summary>
internal abstract class GradientStyle
{
    /// <summary>The rule of each operator that can be differentiated.</summary>
    public abstract IReadOnlyDictionary<OperatorId, GradientRule> Rules { get; }

    /// <summary>What backward nodes have in <c>doc_string</c>.</summary>
    public abstract string Marker { get; }

    /// <summary>Appends the backward pass and declares the outputs behind the loss.</summary>
    public void Write(ModelBuilder builder, Value loss)
    {
        var writer = new BackwardWriter(builder, this);
        writer.Write(loss, Seed(builder, loss));
        var parameters = builder.Parameters.Select(parameter => builder.Graph.FindOwn(parameter.Name)!);
        Deliver(builder, [.. parameters.Select(writer.GradientOf)]);
    }

    /// <summary>The gradient of the loss by itself, a constant 1.</summary>
    protected abstract Value Seed(ModelBuilder builder, Value loss);

    /// <summary>Declares what comes out, given the parameters' gradients in order.</summary>
    protected abstract void Deliver(ModelBuilder builder, IReadOnlyList<Value> gradients);
}
