using System.CommandLine;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// The process that <c>measure</c> starts: takes a request on its standard input, answers on its standard output.
/// </summary>
internal static class MeasureChildCommand
{
    public const string Name = "measure-one";

    public static Command Create()
    {
        var command = new Command(Name, "Used by measure.") { Hidden = true };
        command.SetAction(parsed =>
        {
            var isMeasured = MeasureChild.Run(Console.In, parsed.InvocationConfiguration.Output);
            return isMeasured ? ExitCode.Done : ExitCode.Unsupported;
        });
        return command;
    }
}
