using OnnxActNN.Testing;
using OnnxActNN.Tools;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>The command line, run within this process or as a program of its own.</summary>
internal static class ToolProcess
{
    /// <summary>The program, beside the tests; <c>dotnet</c> runs it.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "onnxactnn.dll");

    /// <summary>Runs the verbs that need no ONNX Runtime, in this process.</summary>
    public static ChildProcess.Result Run(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = CommandLine.Run(arguments, output, errors);
        return new ChildProcess.Result(code, output.ToString(), errors.ToString());
    }

    /// <summary>Runs the program itself, on the ONNX Runtime that it carries or is told to use.</summary>
    public static ChildProcess.Result Start(params string[] arguments) =>
        ChildProcess.Run("dotnet", [Program, .. arguments], seconds: 600);
}
