using System.Text.Json;

namespace OnnxActNN.Testing;

/// <summary>How far gradients lie from others, in units of what float32 rounding allows.</summary>
internal static class GradientComparison
{
    /// <summary>Of a parameter's gradient norm.</summary>
    private const double OfParameter = 1e-4;

    /// <summary>Of the whole gradient's norm: what is left of gradients that are 0 in theory.</summary>
    private const double OfWhole = 1e-6;

    /// <summary>The largest distance over all parameters; 1 is the most that is allowed.</summary>
    public static double Worst(
        IReadOnlyDictionary<string, float[]> actual, IReadOnlyDictionary<string, float[]> expected)
    {
        var whole = Norm(expected.Values.SelectMany(gradient => gradient));
        return expected.Max(pair =>
            Norm(pair.Value.Zip(actual[pair.Key], (e, a) => e - a))
            / (OfParameter * Norm(pair.Value) + OfWhole * whole));
    }

    /// <summary>
    /// The same against recorded norms and first elements (<c>gradients</c> of an entry's oracle.json).
    /// </summary>
    public static double Worst(IReadOnlyDictionary<string, float[]> actual, JsonElement recorded)
    {
        var whole = Math.Sqrt(recorded.EnumerateObject().Sum(gradient => Math.Pow(Recorded(gradient), 2)));
        return recorded.EnumerateObject().Max(gradient =>
        {
            var allowed = OfParameter * Recorded(gradient) + OfWhole * whole;
            var elements = actual[gradient.Name];
            var first = gradient.Value.GetProperty("first4").EnumerateArray()
                .Select((element, index) => Math.Abs(element.GetDouble() - elements[index]));
            return first.Append(Math.Abs(Norm(elements) - Recorded(gradient))).Max() / allowed;
        });
    }

    private static double Recorded(JsonProperty gradient) => gradient.Value.GetProperty("l2").GetDouble();

    private static double Norm(IEnumerable<float> elements) => Math.Sqrt(elements.Sum(x => (double)x * x));
}
