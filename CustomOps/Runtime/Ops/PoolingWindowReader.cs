using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>Reads a pool's window from a node's attributes.</summary>
internal static class PoolingWindowReader
{
    /// <exception cref="ArgumentException">The attributes make no window.</exception>
    public static PoolingWindow Read(OrtKernelInfo info) => new(
        info.GetInts(PoolingAttributes.KernelShape), info.GetInts(PoolingAttributes.Strides),
        info.GetInts(PoolingAttributes.Dilations), info.GetInts(PoolingAttributes.Pads));
}
