using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.TestModels;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Diagnosing;

/// <summary>Looks at what this machine has for training rewritten graphs.</summary>
internal static class Doctor
{
    /// <summary>Everything that was looked at, in the order of a report.</summary>
    /// <param name="operatorLibrary">The shared library for Python and C++; null looks beside this program.</param>
    public static IReadOnlyList<Finding> Examine(string? operatorLibrary)
    {
        var findings = new List<Finding> { Tool(), Processor() };
        if (NativeRuntime(findings)) findings.AddRange([Training(), Lowering(), Providers(), Operators()]);
        findings.Add(OperatorLibrary(operatorLibrary));
        findings.Add(Cuda());
        return findings;
    }

    private static Finding Tool()
    {
        var version = typeof(
            Doctor).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        var machine = $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";
        return new Finding(
            "onnxactnn", FindingState.Ok, $"{version}, operator set {OperatorSchema.Version}, on {machine}");
    }

    private static Finding Processor()
    {
        var tier = KernelTiers.Current;
        var detail = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} threads; the kernels "
            + $"use {tier}";
        return tier == KernelTier.Scalar
            ? new Finding(
                "processor", FindingState.Absent, detail, "packing works and is slow: there are no vector instructions")
            : new Finding("processor", FindingState.Ok, detail);
    }

    private static bool NativeRuntime(List<Finding> findings)
    {
        try
        {
            var detail = $"{OrtLibrary.Version}, {OrtLibrary.ChosenPath ?? "the one this tool carries"}";
            findings.Add(new Finding("ONNX Runtime", FindingState.Ok, detail));
            return true;
        }
        catch (Exception reason) when (reason is OnnxActNNException or DllNotFoundException
            or TypeInitializationException)
        {
            findings.Add(new Finding(
                "ONNX Runtime", FindingState.Broken, reason.Message,
                "give the folder of a native library with --ort-library"));
            return false;
        }
    }

    private static Finding Training() => OrtLibrary.HasTraining
        ? new Finding("training API", FindingState.Ok, "this ONNX Runtime has training sessions")
        : new Finding(
            "training API", FindingState.Absent,
            "this ONNX Runtime has no training sessions; 1.19.2 was the last that had",
            "train with onnxactnn train or OnnxActNN.Training, or give an ONNX Runtime that trains with --ort-library");

    private static Finding Lowering() => OrtLibrary.HasTraining
        ? new Finding(
            "lowering", FindingState.Ok, "none: gradient operators run as they are (rewrite, --runtime training)")
        : new Finding(
            "lowering", FindingState.Ok,
            "gradient operators become standard ones (rewrite --runtime stock, lower; train does it by itself)");

    private static Finding Providers() =>
        new("providers", FindingState.Ok, string.Join(", ", OrtEnv.Instance().GetAvailableProviders()));

    /// <summary>Rewrites a small graph of standard operators and opens it.</summary>
    private static Finding Operators()
    {
        try
        {
            using var folder = new TemporaryFolder();
            var packed = folder.PathOf("packed.onnx");
            TrainingGraphRewriter.Rewrite(ModelWriter.Write(TestModelCatalog.Find("step-mlp").Build())).Save(packed);
            var settings = new SessionSettings { Threads = 1, Configure = options => options.RegisterOnnxActNN() };
            OptimizedGraph.Write(packed, folder.PathOf("opened.onnx"), settings);
            return new Finding(
                "operators", FindingState.Ok, "a rewritten graph opens with the operators of this program");
        }
        catch (Exception reason) when (reason is OnnxRuntimeException or OnnxActNNException or OperatorException)
        {
            return new Finding("operators", FindingState.Broken, reason.Message, "use ONNX Runtime 1.16 or later");
        }
    }

    private static Finding OperatorLibrary(string? path)
    {
        var file = path ?? Path.Combine(AppContext.BaseDirectory, "libonnxactnn.so");
        if (!File.Exists(file))
        {
            return new Finding(
                "operator library", path is null ? FindingState.Absent : FindingState.Broken,
                $"no file '{file}'; only Python and C++ need it",
                "dotnet publish CustomOps/Native -c Release, or install the Python package onnxactnn");
        }
        return NativeLibrary.TryLoad(file, out var handle)
            && NativeLibrary.TryGetExport(handle, "RegisterCustomOps", out _)
            ? new Finding("operator library", FindingState.Ok, file)
            : new Finding(
                "operator library", FindingState.Broken, $"'{file}' is no operator library for this platform",
                "publish it on this platform");
    }

    private static Finding Cuda() =>
        new("CUDA", CudaMachine.Kernels is null ? FindingState.Absent : FindingState.Ok, CudaMachine.Status);
}
