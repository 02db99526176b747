using System.Globalization;
using System.Text.Json;
using OnnxActNN.GpuCheck.Contracts;
using OnnxActNN.GpuCheck.Steps;

namespace OnnxActNN.GpuCheck;

/// <summary>What was found, as a table and as JSON.</summary>
internal sealed class CheckReport
{
    /// <summary>The device; null where none was looked at.</summary>
    public DeviceFacts? Device { get; init; }

    /// <summary>Tensors compared with the CPU; null where none were.</summary>
    public ContractResult? Contract { get; init; }

    public List<BandwidthRow> Bandwidth { get; } = [];

    public StepReport? Steps { get; set; }

    /// <summary>Whether nothing was found to be wrong.</summary>
    public bool IsRight => Contract is not { Failures: > 0 } && Steps is null or { IsRight: true };

    public void WriteTable(TextWriter text)
    {
        if (Device is not null)
            text.WriteLine(
                $"{Device.Name}, compute capability {Device.ComputeCapability}, driver for CUDA {Device.Driver}");
        if (Contract is not null)
            text.WriteLine($"contract: {Contract.Checks} tensors compared with the CPU, {Contract.Failures} differ");
        if (Bandwidth.Count > 0) WriteBandwidth(text);
        Steps?.WriteTable(text);
    }

    public void WriteJson(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        if (Device is not null)
        {
            json.WriteString("device", Device.Name);
            json.WriteString("computeCapability", Device.ComputeCapability);
            json.WriteString("driver", Device.Driver);
        }
        if (Contract is not null)
        {
            json.WriteNumber("contractChecks", Contract.Checks);
            json.WriteNumber("contractFailures", Contract.Failures);
        }
        WriteBandwidth(json);
        Steps?.WriteJson(json);
        json.WriteEndObject();
    }

    private void WriteBandwidth(TextWriter text)
    {
        text.WriteLine();
        text.WriteLine($"{"kernel (float32, groups of 256)",-52} {"MiB",6} {"GB/s",9} {"of copy",8}");
        foreach (var row in Bandwidth)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Kernel,-52} {row.TensorBytes >> 20,6} {row.GigabytesPerSecond,9:F1} {row.OfCopy,8:P0}"));
        }
    }

    private void WriteBandwidth(Utf8JsonWriter json)
    {
        json.WriteStartArray("bandwidth");
        foreach (var row in Bandwidth)
        {
            json.WriteStartObject();
            json.WriteString("kernel", row.Kernel);
            json.WriteNumber("tensorBytes", row.TensorBytes);
            json.WriteNumber("gigabytesPerSecond", Math.Round(row.GigabytesPerSecond, 2));
            json.WriteNumber("ofCopy", Math.Round(row.OfCopy, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
