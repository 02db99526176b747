using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Testing;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// X → X̂ through <see cref="WrongCodec"/>: an operator that rounds rightly or wrongly, for tests of the tests.
/// </summary>
internal sealed unsafe class WrongOperator : IOperatorKernel
{
    public const string Domain = "test.rounding";
    public const string Dither = "Dither";
    public const string Nearest = "Nearest";
    public const string TopCodeMissing = "TopCodeMissing";

    private static readonly Lazy<OperatorDomain> Registered = new(() =>
    {
        var domain = new OperatorDomain(
            ManagedRuntime.GetApiBase()->GetApi(), Domain,
            [Define(Dither, false, false), Define(Nearest, true, false), Define(TopCodeMissing, false, true)],
            cuda: null);
        ClonedSessionOptions.KeepAlso(domain);
        return domain;
    });

    private readonly bool _isNearest;
    private readonly bool _isTopCodeMissing;
    private long _run;

    private WrongOperator(bool isNearest, bool isTopCodeMissing) =>
        (_isNearest, _isTopCodeMissing) = (isNearest, isTopCodeMissing);

    /// <summary>Makes all sessions opened from now on know the operators.</summary>
    public static void Register() => _ = Registered.Value;

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var y = context.Output(0, x.Dimensions);
        var count = (int)x.Count;
        var values = new ReadOnlySpan<float>(x.Data, count).ToArray();
        var decoded = new WrongCodec(Array.ConvertAll(values, value => (double)value), _isNearest, _isTopCodeMissing)
            .RoundTrip(_run++);
        for (var i = 0; i < count; i++) ((float*)y.Data)[i] = (float)decoded[i];
    }

    private static OperatorDefinition Define(string name, bool isNearest, bool isTopCodeMissing) => new()
    {
        Name = name,
        Inputs = [OrtElementType.Float32],
        Outputs = [OrtElementType.Float32],
        CreateKernel = _ => new WrongOperator(isNearest, isTopCodeMissing),
    };
}
