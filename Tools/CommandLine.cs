using System.CommandLine;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Commands;

namespace OnnxActNN.Tools;

/// <summary>The verbs, and the one place where errors become messages and exit codes.</summary>
internal static class CommandLine
{
    /// <summary>
    /// Runs one command line; results go to <paramref name="output"/>, diagnostics to <paramref name="error"/>.
    /// </summary>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand(
            "Keeps what ONNX training graphs save for the backward pass in a few bits per element.")
        {
            InspectCommand.Create(),
            RewriteCommand.Create(),
            InstrumentCommand.Create(),
            ProfileCommand.Create(),
            PlanCommand.Create(),
            VerifyCommand.Create(),
            LowerCommand.Create(),
            MeasureCommand.Create(),
            MaxBatchCommand.Create(),
            ReportCommand.Create(),
            ExportCommand.Create(),
            DiffCommand.Create(),
            DoctorCommand.Create(),
            OpsCommand.Create(),
            TrainCommand.Create(),
            DemoCommand.Create(),
            MeasureChildCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors) error.WriteLine($"onnxactnn: {problem.Message}");
            error.WriteLine("Run onnxactnn --help, or onnxactnn VERB --help, for what there is.");
            return ExitCode.Usage;
        }
        try
        {
            return parsed.Invoke(Configuration(output, error));
        }
        catch (Exception problem) when (CodeFor(problem) is { } code)
        {
            error.WriteLine($"onnxactnn: {problem.Message}");
            return code;
        }
    }

    /// <summary>
    /// After Ctrl-C the only command that waits for it, <c>train</c>, may take as long as one step and a checkpoint do.
    /// </summary>
    private static InvocationConfiguration Configuration(TextWriter output, TextWriter error) => new()
    {
        Output = output,
        Error = error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromMinutes(10),
    };

    private static int? CodeFor(Exception problem) => problem switch
    {
        UsageException => ExitCode.Usage,
        OnnxFormatException or InvalidDataException or IOException or UnauthorizedAccessException =>
            ExitCode.InputOutput,
        OnnxActNNException or OnnxRuntimeException => ExitCode.Unsupported,
        _ => null,
    };
}
