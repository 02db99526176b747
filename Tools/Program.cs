using OnnxActNN.Tools;

return CommandLine.Run(args, Console.Out, Console.Error);
