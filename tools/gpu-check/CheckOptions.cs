using System.Globalization;
using OnnxActNN.GpuCheck.Steps;

namespace OnnxActNN.GpuCheck;

/// <summary>The command line; see <see cref="Usage"/> and docs/cuda.md.</summary>
/// <param name="JsonFile">Where the JSON report goes; null for nowhere.</param>
/// <param name="Sizes">Tensor sizes to time, in MiB.</param>
/// <param name="Driver">The driver's library; null for the machine's.</param>
/// <param name="Steps">Training steps to run; none where it names no folder.</param>
internal sealed record CheckOptions(string? JsonFile, IReadOnlyList<int> Sizes, string? Driver, StepRequest Steps)
{
    public const string Usage =
        "usage: gpu-check [--json FILE] [--sizes MIB,MIB...] [--driver FILE] "
        + "[--steps FOLDER,FOLDER... [--onnxruntime PATH] [--cuda-libraries FOLDER] [--provider cuda|cpu] [--batch N] "
        + "[--runs N] [--most-batch N] [--memory MIB]]";

    /// <exception cref="FormatException">An argument is not understood.</exception>
    public static CheckOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new CheckOptions(null, [1, 16, 64, 256], null, new StepRequest());
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count
                ? arguments[i + 1]
                : throw new FormatException($"{arguments[i]} has no value.");
            options = arguments[i] switch
            {
                "--json" => options with { JsonFile = value },
                "--sizes" => options with { Sizes = [.. Split(value).Select(Number)] },
                "--driver" => options with { Driver = value },
                _ => options with { Steps = Parse(options.Steps, arguments[i], value) },
            };
        }
        if (options.Steps is { Device: StepDevice.Cpu, Folders.Count: 0 })
            throw new FormatException("--provider cpu needs --steps.");
        return options;
    }

    private static StepRequest Parse(StepRequest steps, string option, string value) => option switch
    {
        "--steps" => steps with { Folders = Split(value) },
        "--onnxruntime" => steps with { Library = value },
        "--cuda-libraries" => steps with { CudaLibraries = value },
        "--provider" => steps with { Device = Enum.Parse<StepDevice>(value, ignoreCase: true) },
        "--batch" => steps with { Batch = Positive(option, value) },
        "--runs" => steps with { Runs = Positive(option, value) },
        "--most-batch" => steps with { MostBatch = Number(value) },
        "--memory" => steps with { MemoryLimit = Number(value) },
        _ => throw new FormatException($"{option} is no option."),
    };

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Positive(string option, string text) =>
        Number(text) is > 0 and var number ? number : throw new FormatException($"{option} is at least 1.");
}
