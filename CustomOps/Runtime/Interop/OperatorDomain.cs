using System.Text;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>All operators as one native domain, made once per native library and never released.</summary>
internal sealed unsafe class OperatorDomain
{
    private readonly OrtApi _api;
    private readonly nint _domain;

    /// <exception cref="OperatorException">ONNX Runtime is too old or refuses an operator.</exception>
    public OperatorDomain(OrtApi api, string name, IEnumerable<OperatorDefinition> operators)
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
            OrtStatus.ThrowIfError(
                api,
                ((delegate* unmanaged<nint, CustomOperator*, nint>)api[OrtApiSlot.CustomOpDomain_Add])(
                    domain, CustomOperator.Create(definition, api.Version)));
        }
    }

    /// <summary>Makes the operators known to the sessions that these options (OrtSessionOptions*) will open.</summary>
    public void AddTo(nint sessionOptions) =>
        OrtStatus.ThrowIfError(
            _api,
            ((delegate* unmanaged<nint, nint, nint>)_api[OrtApiSlot.AddCustomOpDomain])(sessionOptions, _domain));
}
