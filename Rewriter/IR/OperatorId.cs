namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Domain and type of an operator. The standard domain is the empty string (<c>ai.onnx</c> is read as that).
/// </summary>
internal readonly record struct OperatorId(string Domain, string Type)
{
    public const string Microsoft = "com.microsoft";

    public static OperatorId Onnx(string type) => new("", type);

    /// <summary>Hardly any type stands in two domains.</summary>
    public override int GetHashCode() => Type.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Domain.Length == 0 ? Type : $"{Domain}::{Type}";
}
