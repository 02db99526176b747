using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ActProfile (X) → passthrough: hands X on, and what it measures of it to a sink.</summary>
internal sealed unsafe class ActProfileOperator : IOperatorKernel, IDisposable
{
    private readonly ElementType _type;
    private readonly PackFormat _format;
    private readonly string _tensor;
    private readonly ProfileRole _role;
    private readonly int _every;
    private readonly ProfileSink _sink;
    private readonly RunCounter _runs = new(0);

    private ActProfileOperator(OrtElementType type, OrtKernelInfo info)
    {
        _type = (ElementType)type;
        _format = PackFormatReader.Read(info);
        _tensor = info.GetText(ProfileAttributes.Tensor, info.NodeName);
        _role = info.GetText(ProfileAttributes.Role, ProfileAttributes.RoleActivation) switch
        {
            ProfileAttributes.RoleActivation => ProfileRole.Activation,
            ProfileAttributes.RoleGradient => ProfileRole.Gradient,
            var other => throw new ArgumentException(
                $"attribute '{ProfileAttributes.Role}' is \"activation\" or \"gradient\", not \"{other}\"."),
        };
        var every = info.GetInt(ProfileAttributes.Every, 1);
        _every = every is >= 1 and <= int.MaxValue
            ? (int)every
            : throw new ArgumentException($"attribute '{ProfileAttributes.Every}' is at least 1, not {every}.");
        _sink = ProfileSink.Of(info.GetText(ProfileAttributes.Sink, ""));
        _sink.Enter(info.GetText(ProfileAttributes.File, ""), info.GetText(ProfileAttributes.Model, ""));
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ActProfile.Name,
        Inputs = [type],
        Outputs = [type],
        PassThroughOutput = 0,
        RunsOnCuda = true,
        CreateKernel = info => new ActProfileOperator(type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var layout = PackedLayout.Create(x.Dimensions, _format);
        var selection = new GroupSelection(
            _every, layout.GroupCount == 0 ? 0 : _runs.Next() % Math.Min(_every, layout.GroupCount));
        if (context.Cuda is { } stream)
            AddFromCuda(stream, x, layout, selection);
        else
            AddFromCpu(x, layout, selection, context.LoopOver(x.Count / _every));
        PassThrough.Write(context, 0, x);
    }

    public void Dispose() => _sink.Leave();

    private void AddFromCpu(OrtTensor x, PackedLayout layout, GroupSelection selection, IParallelLoop loop)
    {
        var data = x.Data;
        var tier = KernelTiers.Current;
        using var measured = _role == ProfileRole.Activation
            ? ActProfile.Ranges(tier, _type, data, layout, selection, loop)
            : ActProfile.Squares(tier, _type, data, layout, selection, loop);
        _sink.Add(
            _tensor, _role, x.Dimensions, layout, selection, measured.Groups, measured.Pieces,
            index => NonFinite.Count(_type, data, selection.Group(layout, index)));
    }

    private void AddFromCuda(CudaStream stream, OrtTensor x, PackedLayout layout, GroupSelection selection)
    {
        var groups = CudaActProfile.Run(stream, _type, x.Data, layout, selection);
        var measured = groups.Select(group => group.ToMeasured(hasRanges: _role == ProfileRole.Activation)).ToArray();
        _sink.Add(_tensor, _role, x.Dimensions, layout, selection, measured, [], index => groups[index].NonFinite);
    }
}
