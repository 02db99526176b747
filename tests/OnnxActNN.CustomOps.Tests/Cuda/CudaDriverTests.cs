using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>What the host's code does with a driver, with a missing one, and with one that complains.</summary>
public sealed unsafe class CudaDriverTests
{
    [Fact]
    public void A_machine_without_a_driver_gets_a_sentence_and_no_kernels()
    {
        var (kernels, status) = CudaMachine.Find("libcuda-that-is-not-there.so.1");
        kernels.Should().BeNull();
        status.Should().Be("libcuda-that-is-not-there.so.1 was not found: the operators run on the CPU only.");
    }

    [Fact]
    public void A_library_that_is_no_driver_gets_a_sentence_and_no_kernels()
    {
        var (kernels, status) = CudaMachine.Find("libc.so.6");
        kernels.Should().BeNull();
        status.Should().StartWith("libc.so.6 cannot be used, so the operators run on the CPU only: ");
    }

    [Fact]
    public void A_module_that_the_driver_refuses_says_what_its_compiler_wrote()
    {
        _ = EmulatedCuda.Device;
        var load = () => EmulatedCuda.Kernels.Driver.LoadModule("no ptx\0"u8);
        load.Should().Throw<OperatorException>().WithMessage(
            "cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX*fake assembler: no .version 7.5*");
    }

    [Fact]
    public void A_kernel_that_is_not_there_is_named()
    {
        _ = EmulatedCuda.Device;
        var get = () => EmulatedCuda.Kernels.Get("quantize_float32", "no_such_kernel", stream: 0);
        get.Should().Throw<OperatorException>()
            .WithMessage("cuModuleGetFunction(no_such_kernel): CUDA_ERROR_NOT_FOUND*");
    }

    [Fact]
    public void Without_a_current_context_the_error_says_who_runs_the_operators()
    {
        var kernels = EmulatedCuda.Kernels;
        Exception? thrown = null;
        var thread = new Thread(
            () => thrown = Record.Exception(
                () => kernels.Get("quantize_float32", "unpack_dequant_float32", stream: 0)));
        thread.Start();
        thread.Join();
        thrown.Should().BeOfType<OperatorException>().Which.Message.Should().Contain("ONNX Runtime's CUDA provider");
    }

    [Fact]
    public void A_thread_without_a_context_takes_the_stream_s()
    {
        var (kernels, stream) = (EmulatedCuda.Kernels, EmulatedCuda.Device.Stream.Handle);
        var expected = kernels.Driver.ContextFor(stream);
        nint found = 0, current = 0;
        var thread = new Thread(
            () => (found, current) = (kernels.Driver.ContextFor(stream), kernels.Driver.ContextFor(stream: 0)));
        thread.Start();
        thread.Join();
        (found, current).Should().Be((expected, expected));
    }

    [Fact]
    public void A_driver_or_devices_that_are_too_old_are_refused_when_the_operators_are_registered()
    {
        var require = CudaRequirements.Require;
        require.Invoking(call => call(11040, [(9, 0)])).Should().Throw<OperatorException>()
            .WithMessage("*CUDA 11.4*11.5*");
        require.Invoking(call => call(13000, [(7, 5), (7, 0)])).Should().Throw<OperatorException>()
            .WithMessage("*7.5, 7.0*8.0*");
        require.Invoking(call => call(13000, [])).Should().Throw<OperatorException>().WithMessage("*no device*");
        require(11050, [(7, 5), (8, 0)]);
    }

    [Fact]
    public void A_pack_refuses_a_stream_that_is_being_captured_and_an_unpack_does_not()
    {
        var device = EmulatedCuda.Device;
        var format = new PackFormat(CodeWidth.TwoBits, zeroExact: false);
        var layout = PackedLayout.Create([100], format);
        using var x = device.Allocate(400);
        using var packed = device.Allocate(layout.TotalBytes);
        Capture(device, true);
        try
        {
            var pack = () => CudaQuantizePack.Run(
                device.Stream, ElementType.Float32, x.Address, packed.Address, layout, new PackKey(1, 2, 3));
            pack.Should().Throw<OperatorException>().WithMessage("*CUDA graph*enable_cuda_graph*");
            CudaUnpackDequant.Run(
                device.Stream, ElementType.Float32, packed.Address, packed.Bytes, [100], BatchSlice.Whole, x.Address,
                UnpackOutput.Value);
        }
        finally
        {
            Capture(device, false);
        }
    }

    [Fact]
    public void More_dimensions_than_the_kernels_take_are_refused()
    {
        var device = EmulatedCuda.Device;
        using var buffer = device.Allocate(100);
        var unpack = () => CudaUnpackDequant.Run(
            device.Stream, ElementType.Float32, buffer.Address, 100, [.. Enumerable.Repeat(1L, 17)], BatchSlice.Whole,
            buffer.Address, UnpackOutput.Value);
        unpack.Should().Throw<ArgumentException>().WithMessage("*17 dimensions*16*");
    }

    [Fact]
    public void The_emulated_driver_refuses_memory_and_shapes_that_a_device_would_choke_on()
    {
        var device = EmulatedCuda.Device;
        using var buffer = device.Allocate(1000);
        var function = EmulatedCuda.Kernels.Get("quantize_float32", "unpack_dequant_float32", stream: 0);
        var arguments = new UnpackArguments(100, [10], UnpackOutput.Value);
        Launch(function, 128, buffer.Address, buffer.Address, arguments).Should().Contain("CUDA_ERROR_INVALID_VALUE");
        Launch(function, 256, (byte*)4096, buffer.Address, arguments).Should().Contain("CUDA_ERROR_ILLEGAL_ADDRESS");
        Launch(function, 256, buffer.Address, buffer.Address, arguments).Should().BeEmpty();
    }

    private static string Launch(nint function, uint threads, byte* source, byte* target, UnpackArguments arguments)
    {
        var parameters = stackalloc void*[] { &source, &target, &arguments };
        try
        {
            EmulatedCuda.Kernels.Driver.Launch(function, 1, threads, EmulatedCuda.Device.Stream.Handle, parameters);
            return "";
        }
        catch (OperatorException error)
        {
            return error.Message;
        }
    }

    /// <summary>Lets the emulated driver say that the stream is being captured.</summary>
    internal static void Capture(CudaDevice device, bool isCapturing)
    {
        var set = (delegate* unmanaged<nint, int, void>)NativeLibrary.GetExport(
            device.Stream.Kernels.Driver.Library, "fakeCudaCapture");
        set(device.Stream.Handle, isCapturing ? 1 : 0);
    }
}
