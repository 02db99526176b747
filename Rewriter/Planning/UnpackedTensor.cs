using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A value that is packed itself.</summary>
internal sealed record UnpackedTensor(Value Value) : Restoration(Value)
{
    public override IEnumerable<Value> Sources => [Value];
}
