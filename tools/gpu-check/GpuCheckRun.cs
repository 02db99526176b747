using OnnxActNN.CustomOps;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>The program: finds the driver, checks the kernels, times them, reports.</summary>
internal static class GpuCheckRun
{
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            return Run(CheckOptions.Parse(arguments), output, errors);
        }
        catch (FormatException error)
        {
            errors.WriteLine($"{error.Message} {CheckOptions.Usage}");
            return ExitCode.Usage;
        }
        catch (OperatorException error)
        {
            errors.WriteLine($"gpu-check: {error.Message}");
            return ExitCode.Failed;
        }
    }

    private static int Run(CheckOptions options, TextWriter output, TextWriter errors)
    {
        var (kernels, status) = options.Driver is { } file ? CudaMachine.Find(file) : (CudaMachine.Kernels, CudaMachine.Status);
        if (kernels is null)
        {
            errors.WriteLine($"gpu-check: no CUDA here. {status}");
            return ExitCode.NoDriver;
        }
        using var device = new CudaDevice(kernels);
        var contract = ContractCheck.Run(device, errors);
        var report = new CheckReport(device.Name, device.ComputeCapability, device.DriverVersion, contract);
        foreach (var size in options.Sizes) report.Add(BandwidthCheck.Run(device, (long)size << 20));
        report.WriteTable(output);
        if (options.JsonFile is { } json)
        {
            using var stream = File.Create(json);
            report.WriteJson(stream);
        }
        return contract.Failures == 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
