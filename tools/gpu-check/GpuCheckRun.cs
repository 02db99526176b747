using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.GpuCheck.Contracts;
using OnnxActNN.GpuCheck.Steps;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.GpuCheck;

/// <summary>The program: finds the driver, checks the kernels, times them, runs training steps, reports.</summary>
internal static class GpuCheckRun
{
    private const int Mebibyte = 1 << 20;

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            var options = CheckOptions.Parse(arguments);
            return options.Steps.Device == StepDevice.Cpu
                ? RunOnCpu(options, output)
                : RunOnDevice(options, output, errors);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            errors.WriteLine($"{error.Message} {CheckOptions.Usage}");
            return ExitCode.Usage;
        }
        catch (Exception error) when (error is OperatorException or OnnxRuntimeException or OrtLibraryException
            or NotSupportedException)
        {
            errors.WriteLine($"gpu-check: {error.Message}");
            return ExitCode.Failed;
        }
    }

    private static int RunOnDevice(CheckOptions options, TextWriter output, TextWriter errors)
    {
        var (kernels, status) = options.Driver is { } file
            ? CudaMachine.Find(file)
            : (CudaMachine.Kernels, CudaMachine.Status);
        if (kernels is null)
        {
            errors.WriteLine($"gpu-check: no CUDA here. {status}");
            return ExitCode.NoDriver;
        }
        using var device = new CudaDevice(kernels);
        var report = new CheckReport
        {
            Device = new DeviceFacts(device.Name, device.ComputeCapability, device.DriverVersion),
            Contract = ContractCheck.Run(device, errors),
        };
        foreach (var size in options.Sizes)
            report.Bandwidth.AddRange(BandwidthCheck.Run(device, (long)size * Mebibyte));
        if (options.Steps.Folders.Count > 0)
        {
            var folders = options.Steps.CudaLibraries is { } folder ? [folder] : CudaLibraries.FindFolders();
            errors.WriteLine($"CUDA libraries loaded: {string.Join(", ", CudaLibraries.Load(folders))}");
            var provider = new CudaStepProvider(device, (long)options.Steps.MemoryLimit * Mebibyte);
            report.Steps = RunSteps(options.Steps, provider, kernels);
        }
        return Write(report, options, output);
    }

    private static int RunOnCpu(CheckOptions options, TextWriter output) =>
        Write(new CheckReport { Steps = RunSteps(options.Steps, new CpuStepProvider(), cuda: null) }, options, output);

    private static StepReport RunSteps(StepRequest request, StepProvider provider, CudaKernels? cuda)
    {
        var runtime = new StepRuntime(request.Library, cuda);
        var check = new StepCheck(runtime, provider, request);
        return new StepReport(provider.Name, runtime.Version, [.. request.Folders.Select(check.Run)]);
    }

    private static int Write(CheckReport report, CheckOptions options, TextWriter output)
    {
        report.WriteTable(output);
        if (options.JsonFile is { } json)
        {
            using var stream = File.Create(json);
            report.WriteJson(stream);
        }
        return report.IsRight ? ExitCode.Success : ExitCode.Failed;
    }
}
