using System.Text.Json;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Measurement;

/// <summary>What ran in a session, in which order, and how large the results were: ONNX Runtime's profile.</summary>
/// <remarks>
/// The order is that of the sequential executor; with several streams or parallel execution it is that of completion.
/// </remarks>
internal sealed class ExecutionProfile
{
    private const string KernelSuffix = "_kernel_time";
    private const string RunEvent = "model_run";

    private ExecutionProfile(IReadOnlyList<IReadOnlyList<ExecutedKernel>> runs) => Runs = runs;

    /// <summary>Per run of the session, the kernels in executed order.</summary>
    public IReadOnlyList<IReadOnlyList<ExecutedKernel>> Runs { get; }

    /// <summary>Reads a profile file.</summary>
    /// <exception cref="ProfileFormatException">The file is no profile.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ExecutionProfile ReadFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return Read(document.RootElement);
        }
        catch (Exception reason) when (
            reason is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ProfileFormatException(path, "is no readable profile of ONNX Runtime.", reason);
        }
    }

    /// <summary>
    /// Whether, in one run, every pack ran before every node that reads packed bytes: else tensors are packed too late
    /// to save
    /// memory, or unpacked too early.
    /// </summary>
    public static bool PacksBeforeUnpacks(IReadOnlyList<ExecutedKernel> run)
    {
        var unpackSeen = false;
        foreach (var kernel in run)
        {
            // A profile names operators without their domain; no other domain has these names.
            var op = new OperatorId(OperatorSchema.Domain, kernel.Operator);
            if (PackOperators.ReadsPacked(op)) unpackSeen = true;
            else if (unpackSeen && PackOperators.IsPack(op)) return false;
        }
        return true;
    }

    private static ExecutionProfile Read(JsonElement events)
    {
        var runs = new List<IReadOnlyList<ExecutedKernel>>();
        var current = new List<ExecutedKernel>();
        foreach (var item in events.EnumerateArray())
        {
            var name = item.GetProperty("name").GetString()!;
            if (name == RunEvent)
            {
                runs.Add(current);
                current = [];
            }
            else if (name.EndsWith(KernelSuffix, StringComparison.Ordinal))
            {
                current.Add(ReadKernel(name[..^KernelSuffix.Length], item));
            }
        }
        return new ExecutionProfile(runs);
    }

    private static ExecutedKernel ReadKernel(string node, JsonElement item)
    {
        var arguments = item.GetProperty("args");
        return new ExecutedKernel(
            node,
            arguments.GetProperty("op_name").GetString()!,
            TimeSpan.FromMicroseconds(item.GetProperty("dur").GetInt64()),
            ReadTensors(arguments, "input_type_shape"),
            ReadTensors(arguments, "output_type_shape"));
    }

    private static List<ProfiledTensor> ReadTensors(JsonElement arguments, string property) =>
        arguments.TryGetProperty(property, out var list)
            ? [.. from entry in list.EnumerateArray()
                  from tensor in entry.EnumerateObject()
                  select new ProfiledTensor(
                      tensor.Name, [.. tensor.Value.EnumerateArray().Select(size => size.GetInt64())])]
            : [];
}
