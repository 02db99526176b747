using System.Globalization;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels need of a machine. Where it is missing, the operators are not registered for CUDA, and sessions
/// run.
/// </summary>
internal static class CudaRequirements
{
    /// <summary>The first release of CUDA whose drivers read PTX 7.5, as cuDriverGetVersion counts.</summary>
    private const int OldestDriver = 11050;

    /// <summary>The PTX is for sm_80 and later.</summary>
    private const int OldestMajor = 8;

    /// <exception cref="OperatorException">The driver is too old, or none of the devices is new enough.</exception>
    public static void Require(int driverVersion, IReadOnlyList<(int Major, int Minor)> devices)
    {
        if (devices.Count == 0) throw new OperatorException("the CUDA driver lists no device.");
        if (driverVersion < OldestDriver)
        {
            throw new OperatorException(
                $"the driver is for CUDA {driverVersion / 1000}.{driverVersion % 1000 / 10}; the kernels need one for "
                    + "11.5 or later.");
        }
        if (devices.All(device => device.Major < OldestMajor))
        {
            var found = string.Join(", ", devices.Select(
                device => string.Create(CultureInfo.InvariantCulture, $"{device.Major}.{device.Minor}")));
            throw new OperatorException($"the devices have compute capability {found}; the kernels need 8.0 or later.");
        }
    }
}
