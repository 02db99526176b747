using System.Text;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>All operators as one native domain, made once per native library and never released.</summary>
internal sealed unsafe class OperatorDomain
{
    private readonly OrtApi _api;
    private readonly nint _domain;

    /// <param name="api">The native library.</param>
    /// <param name="name">The domain's name.</param>
    /// <param name="operators">What is in it.</param>
    /// <param name="cuda">
    /// The kernels on CUDA, which the operators that have them are registered for as well; null for the CPU alone.
    /// </param>
    /// <exception cref="OperatorException">ONNX Runtime is too old or refuses an operator.</exception>
    public OperatorDomain(OrtApi api, string name, IEnumerable<OperatorDefinition> operators, CudaKernels? cuda)
    {
        _api = api;
        nint domain;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            OrtStatus.ThrowIfError(
                api, ((delegate* unmanaged<byte*, nint*, nint>)api[OrtApiSlot.CreateCustomOpDomain])(text, &domain));
        }
        _domain = domain;
        foreach (var definition in operators)
        {
            Add(CustomOperator.Create(definition, api.Version, cuda: null));
            if (cuda is not null && definition.RunsOnCuda)
                Add(CustomOperator.Create(definition, api.Version, cuda));
        }
    }

    /// <summary>Makes the operators known to the sessions that these options (OrtSessionOptions*) will open.</summary>
    public void AddTo(nint sessionOptions) =>
        OrtStatus.ThrowIfError(
            _api,
            ((delegate* unmanaged<nint, nint, nint>)_api[OrtApiSlot.AddCustomOpDomain])(sessionOptions, _domain));

    private void Add(CustomOperator* custom) =>
        OrtStatus.ThrowIfError(
            _api, ((delegate* unmanaged<nint, CustomOperator*, nint>)_api[OrtApiSlot.CustomOpDomain_Add])(
                _domain, custom));
}
