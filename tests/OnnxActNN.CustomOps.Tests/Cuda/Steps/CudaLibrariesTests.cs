using FluentAssertions;
using OnnxActNN.GpuCheck.Steps;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda.Steps;

public sealed class CudaLibrariesTests
{
    [Fact]
    public void Libraries_of_a_Python_installation_are_found_and_loaded_and_others_are_left()
    {
        using var folder = new TempFolder();
        Put("python3.12/dist-packages/nvidia/cu13/lib/libcudart.so.13", EmulatedCuda.LibraryPath);
        Put("python3.12/dist-packages/nvidia/cudnn/lib/libcudnn_ops.so.9", EmulatedCuda.LibraryPath);
        Put("python3.12/dist-packages/nvidia/other/lib/libother.so.1", EmulatedCuda.LibraryPath);
        Put("python3.11/site-packages/numpy/libcudart.so.12", EmulatedCuda.LibraryPath);
        File.WriteAllText(
            Path.Combine(folder.Path, "python3.12/dist-packages/nvidia/cu13/lib/libcurand.so.10"), "no library");

        var folders = CudaLibraries.FindFolders([folder.Path, folder.PathTo("not-there")]);
        folders.Should().Equal(Path.Combine(folder.Path, "python3.12/dist-packages/nvidia"));
        CudaLibraries.Load(folders).Should().Equal("libcudart.so.13", "libcudnn_ops.so.9");

        void Put(string path, string library)
        {
            var target = Path.Combine(folder.Path, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(library, target);
        }
    }
}
