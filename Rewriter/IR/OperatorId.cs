namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Domain and type of an operator. The standard domain is the empty string (<c>ai.onnx</c> is read as that).
/// </summary>
/// <remarks>
/// Nodes are asked for their operator all the time, mostly whether it is another one or stands in a table: the hash is
/// there once, and tells nearly always.
/// </remarks>
internal sealed class OperatorId(string domain, string type) : IEquatable<OperatorId>
{
    public const string Microsoft = "com.microsoft";

    // Hardly any type stands in two domains.
    private readonly int _hash = type.GetHashCode(StringComparison.Ordinal);
    private string? _text;

    public string Domain { get; } = domain;

    public string Type { get; } = type;

    public static OperatorId Onnx(string type) => new("", type);

    public static bool operator ==(OperatorId? left, OperatorId? right) =>
        ReferenceEquals(left, right) || left is not null && left.Equals(right);

    public static bool operator !=(OperatorId? left, OperatorId? right) => !(left == right);

    public bool Equals(OperatorId? other) =>
        ReferenceEquals(this, other)
        || other is not null && _hash == other._hash && Type == other.Type && Domain == other.Domain;

    public override bool Equals(object? obj) => Equals(obj as OperatorId);

    public override int GetHashCode() => _hash;

    public override string ToString() => _text ??= Domain.Length == 0 ? Type : $"{Domain}::{Type}";
}
