using OnnxActNN.GpuCheck;

return GpuCheckRun.Run(args, Console.Out, Console.Error);
