namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// A row of the table of activations: the derivative of one, and the fixed range that codes of it cover. A gradient dX
/// = dY · f′ is linear in f′, so an unbiased code of f′ leaves it unbiased, where one of x does not.
/// </summary>
/// <param name="Function">The activation.</param>
/// <param name="Name">Its operator's name, as the attribute <c>function</c> has it.</param>
/// <param name="Low">Below every value of f′.</param>
/// <param name="High">Above every value of f′.</param>
/// <param name="From">Where a table of f′ begins: f′ is constant before, to 10⁻⁶.</param>
/// <param name="To">Where it ends: f′ is constant behind.</param>
/// <param name="PiecesPerUnit">
/// Pieces of the table for each unit of its argument: f′ bends so little within one that a straight line is right to 7
/// · 10⁻⁶, and jumps only between two.
/// </param>
/// <param name="At">
/// f′ of what is packed: of αx, for Sigmoid and Tanh of the output. Only additions, multiplications and divisions, so
/// that every machine computes the same bits.
/// </param>
public sealed record ActivationDerivative(
    ActivationFunction Function, string Name, float Low, float High, int From, int To, int PiecesPerUnit,
    Func<double, double> At)
{
    /// <summary>2/√π · √½, as ONNX Runtime's FastGelu has it.</summary>
    private const double FastGeluScale = 0.79788456080286536;

    private const double FastGeluCubic = 0.044715;

    /// <summary>The table.</summary>
    public static IReadOnlyList<ActivationDerivative> All { get; } =
    [
        new(ActivationFunction.Gelu, "Gelu", -0.129f, 1.129f, -8, 8, 128, OfGelu),
        new(ActivationFunction.FastGelu, "FastGelu", -0.129f, 1.129f, -8, 8, 128, OfFastGelu),
        new(ActivationFunction.QuickGelu, "QuickGelu", -0.1f, 1.1f, -20, 20, 128, OfQuickGelu),
        new(ActivationFunction.Sigmoid, "Sigmoid", 0, 0.25f, 0, 1, 1024, y => y * (1 - y)),
        new(ActivationFunction.Tanh, "Tanh", 0, 1, -1, 1, 1024, y => 1 - y * y),
        new(ActivationFunction.Softplus, "Softplus", 0, 1, -14, 14, 64, ElementaryFunctions.Logistic),
        new(ActivationFunction.Mish, "Mish", -0.113f, 1.089f, -17, 9, 128, OfMish),
        new(
            ActivationFunction.HardSwish, "HardSwish", -0.5f, 1.5f, -4, 4, 1,
            x => x < -3 ? 0 : x < 3 ? OfHardSwish(x) : 1)
        {
            Before = x => x <= -3 ? 0 : x <= 3 ? OfHardSwish(x) : 1,
        },
        new(ActivationFunction.Elu, "Elu", 0, 1, -14, 2, 256, x => x < 0 ? ElementaryFunctions.Exp(x) : 1),
    ];

    /// <summary>f′ just before a number: where it jumps there, not the same as at it.</summary>
    public Func<double, double> Before { get; init; } = At;

    /// <summary>Whether what is packed is the activation's output, not its input.</summary>
    public bool IsOfOutput => Function is ActivationFunction.Sigmoid or ActivationFunction.Tanh;

    /// <summary>The row of a function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The table has none.</exception>
    public static ActivationDerivative Of(ActivationFunction function) =>
        All.FirstOrDefault(row => row.Function == function)
        ?? throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation.");

    /// <summary>The row with this name.</summary>
    /// <exception cref="ArgumentException">The table has none.</exception>
    public static ActivationDerivative Named(string name) =>
        All.FirstOrDefault(row => row.Name == name)
        ?? throw new ArgumentException(
            $"Attribute {DerivativeAttributes.Function} is one of {string.Join(", ", All.Select(row => row.Name))}, "
                + $"not \"{name}\".");

    private static double OfGelu(double x) =>
        ElementaryFunctions.NormalDistribution(x) + x * ElementaryFunctions.NormalDensity(x);

    private static double OfFastGelu(double x)
    {
        var tanh = 2 * ElementaryFunctions.Logistic(2 * FastGeluScale * (x + FastGeluCubic * x * x * x)) - 1;
        return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * FastGeluScale * (1 + 3 * FastGeluCubic * x * x);
    }

    private static double OfQuickGelu(double z)
    {
        var logistic = ElementaryFunctions.Logistic(z);
        return logistic + z * logistic * (1 - logistic);
    }

    /// <summary>
    /// Of x · tanh(ln(1 + e^x)), whose tanh is (w − 1) / (w + 1) with w = (1 + e^x)²; beyond 40 it is 1 to the last
    /// bit.
    /// </summary>
    private static double OfMish(double x)
    {
        var exp = ElementaryFunctions.Exp(Math.Clamp(x, -700, 40));
        var square = (1 + exp) * (1 + exp);
        var tanh = exp * (exp + 2) / (square + 1);
        return tanh + x * (1 - tanh * tanh) * exp / (1 + exp);
    }

    private static double OfHardSwish(double x) => (2 * x + 3) / 6;
}
