using System.Globalization;
using System.Text.Json;

namespace OnnxActNN.GpuCheck;

/// <summary>What was found, as a table and as JSON.</summary>
internal sealed class CheckReport(string device, string computeCapability, string driver, ContractResult contract)
{
    private readonly List<BandwidthRow> _bandwidth = [];

    public void Add(IEnumerable<BandwidthRow> rows) => _bandwidth.AddRange(rows);

    public void WriteTable(TextWriter text)
    {
        text.WriteLine($"{device}, compute capability {computeCapability}, driver for CUDA {driver}");
        text.WriteLine($"contract: {contract.Checks} tensors compared with the CPU, {contract.Failures} differ");
        if (_bandwidth.Count == 0) return;
        text.WriteLine();
        text.WriteLine($"{"kernel (float32, groups of 256)",-52} {"MiB",6} {"GB/s",9} {"of copy",8}");
        foreach (var row in _bandwidth)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Kernel,-52} {row.TensorBytes >> 20,6} {row.GigabytesPerSecond,9:F1} {row.OfCopy,8:P0}"));
        }
    }

    public void WriteJson(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteString("computeCapability", computeCapability);
        json.WriteString("driver", driver);
        json.WriteNumber("contractChecks", contract.Checks);
        json.WriteNumber("contractFailures", contract.Failures);
        json.WriteStartArray("bandwidth");
        foreach (var row in _bandwidth)
        {
            json.WriteStartObject();
            json.WriteString("kernel", row.Kernel);
            json.WriteNumber("tensorBytes", row.TensorBytes);
            json.WriteNumber("gigabytesPerSecond", Math.Round(row.GigabytesPerSecond, 2));
            json.WriteNumber("ofCopy", Math.Round(row.OfCopy, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
