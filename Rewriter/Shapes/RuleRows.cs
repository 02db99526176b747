using System.Collections.Frozen;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>Collects the rows of a table of rules. An operator with two rows is a mistake and throws.</summary>
internal sealed class RuleRows<TRule>
{
    private readonly Dictionary<OperatorId, TRule> _rows = [];

    public RuleRows<TRule> With(Action<RuleRows<TRule>> family)
    {
        family(this);
        return this;
    }

    /// <summary>One rule for operators of the standard domain.</summary>
    public void Onnx(TRule rule, params ReadOnlySpan<string> types) => Add("", rule, types);

    /// <summary>One rule for operators of ONNX Runtime's own domain.</summary>
    public void Microsoft(TRule rule, params ReadOnlySpan<string> types) => Add(OperatorId.Microsoft, rule, types);

    public void Add(string domain, TRule rule, params ReadOnlySpan<string> types)
    {
        foreach (var type in types) _rows.Add(new OperatorId(domain, type), rule);
    }

    public FrozenDictionary<OperatorId, TRule> ToTable() => _rows.ToFrozenDictionary();
}
