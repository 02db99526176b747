using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

/// <summary>Derivatives of byte arrays, and what they are by formulas that share nothing with the product's.</summary>
internal static unsafe class TestDerivatives
{
    /// <summary>Steps of Simpson's rule for Φ: its error is then below 10⁻¹².</summary>
    private const int Steps = 4000;

    public static PackKey Key { get; } = new(3, 4, 5);

    public static byte[] Pack(
        KernelTier tier, ElementType type, byte[] x, DerivativeFormat format, PackKey key, IParallelLoop? loop = null)
    {
        var layout = DerivativeLayout.Create(format, key, x.Length / ElementTypes.SizeOf(type));
        var packed = new byte[layout.TotalBytes];
        fixed (byte* source = x, target = packed)
            DerivativePack.Run(tier, type, source, layout, target, loop ?? SerialLoop.Instance);
        return packed;
    }

    public static byte[] Gradient(
        KernelTier tier, ElementType type, byte[] dY, byte[] packed, IParallelLoop? loop = null)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, codes = packed, target = dX)
        {
            ActivationGradient.Run(
                tier, type, source, dY.Length / ElementTypes.SizeOf(type), codes, packed.Length, target,
                loop ?? SerialLoop.Instance);
        }
        return dX;
    }

    /// <summary>What the codes of float32 elements decode to.</summary>
    public static double[] RoundTrip(KernelTier tier, double[] x, DerivativeFormat format, PackKey key)
    {
        var packed = Pack(tier, ElementType.Float32, TestTensor.ToBytes(x, ElementType.Float32), format, key);
        var ones = TestTensor.ToBytes([.. x.Select(_ => 1.0)], ElementType.Float32);
        return TestTensor.FromBytes(Gradient(tier, ElementType.Float32, ones, packed), ElementType.Float32);
    }

    /// <summary>f′ in float64, of x or, for Sigmoid and Tanh, of the output.</summary>
    public static double Exact(ActivationFunction function, double x) => function switch
    {
        ActivationFunction.Gelu => Limited(x, value => Distribution(value) + value * Density(value)),
        ActivationFunction.FastGelu => Limited(x, value => CentralDifference(
            at => 0.5 * at * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (at + 0.044715 * at * at * at))), value)),
        ActivationFunction.QuickGelu => Limited(x, value => CentralDifference(at => at / (1 + Math.Exp(-at)), value)),
        ActivationFunction.Sigmoid => x * (1 - x),
        ActivationFunction.Softplus => 1 / (1 + Math.Exp(-x)),
        ActivationFunction.Mish =>
            Limited(x, value => CentralDifference(at => at * Math.Tanh(Math.Log(1 + Math.Exp(at))), value)),
        ActivationFunction.HardSwish => Math.Abs(x) > 3 ? (x > 0 ? 1 : 0) : x / 3 + 0.5,
        ActivationFunction.Elu => Math.Exp(Math.Min(x, 0)),
        _ => 1 - x * x,
    };

    /// <summary>Numbers that reach over the whole of a function's range, and beyond; infinities too.</summary>
    public static double[] Inputs(ActivationFunction function, int count)
    {
        var row = ActivationDerivative.Of(function);
        var (from, to) = row.IsOfOutput ? (row.From, row.To) : (1.2 * row.From, 1.2 * row.To);
        var values = Enumerable.Range(0, count).Select(i => (double)(float)(from + (to - from) * i / (count - 1.0)))
            .ToArray();
        if (!row.IsOfOutput) (values[0], values[^1]) = (double.NegativeInfinity, double.PositiveInfinity);
        return values;
    }

    private static double Limited(double x, Func<double, double> derivative) =>
        x > 40 ? 1 : x < -40 ? 0 : derivative(x);

    private static double CentralDifference(Func<double, double> function, double x)
    {
        const double h = 1e-4;
        return (8 * (function(x + h) - function(x - h)) - (function(x + 2 * h) - function(x - 2 * h))) / (12 * h);
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    private static double Distribution(double x)
    {
        var h = x / Steps;
        var sum = Density(0) + Density(x);
        for (var i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * Density(i * h);
        return 0.5 + sum * h / 3;
    }
}
