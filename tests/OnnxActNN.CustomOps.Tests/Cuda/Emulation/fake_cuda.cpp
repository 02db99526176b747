// A libcuda.so.1 without a device: its memory is the host's, its launches run the emulation, at once. It is stricter
// than the real one: it knows every allocation and what the PTX says of each kernel,
// and finds writes beside allocations.
#include "../../../../CustomOps/Runtime/Cuda/Kernels/device.cuh"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace
{
enum Result
{
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    InvalidContext = 201,
    InvalidPtx = 218,
    InvalidHandle = 400,
    NotFound = 500,
    IllegalAddress = 700,
};

struct Name
{
    Result result;
    const char* name;
    const char* text;
};

constexpr Name Names[] = {
    {InvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {InvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {InvalidPtx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {InvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {IllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
};

constexpr size_t Page = 4096;
constexpr size_t Alignment = 256;
constexpr unsigned char Canary = 0xc5;
constexpr size_t DeviceBytes = 1ull << 30;

// Pages around the bytes that may not be touched, and known bytes up to them.
struct Allocation
{
    unsigned char* mapped;
    size_t mappedBytes;
    size_t bytes;
};

// A kernel as a module's text declares it.
struct Function
{
    const emulation::Kernel* kernel;
    std::string name;
    uint32 threads;
    std::vector<size_t> parameterBytes;
    // Else a structure.
    std::vector<bool> isBuffer;
};

struct Module
{
    std::map<std::string, std::unique_ptr<Function>> functions;
};

typedef std::chrono::steady_clock Clock;

std::mutex gate;
std::map<uint64, Allocation> allocations;
std::map<void*, std::unique_ptr<Module>> modules;
std::map<void*, Clock::time_point> events;
std::map<void*, bool> streams;
size_t bytesInUse = 0;
FILE* recording = nullptr;
std::thread::id recorder;
int context;
thread_local void* currentContext = nullptr;

Result complain(Result result, const char* what)
{
    fprintf(stderr, "fake CUDA: %s\n", what);
    return result;
}

bool isIntact(uint64 address, const Allocation& allocation)
{
    auto* start = reinterpret_cast<unsigned char*>(address);
    auto* low = allocation.mapped + Page;
    auto* high = allocation.mapped + allocation.mappedBytes - Page;
    for (auto* byte = low; byte < start; byte++)
    {
        if (*byte != Canary)
            return false;
    }
    for (auto* byte = start + allocation.bytes; byte < high; byte++)
    {
        if (*byte != Canary)
            return false;
    }
    return true;
}

// Bytes from an address to the end of its allocation; -1 when it is in none.
int64 bytesFrom(uint64 address)
{
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin())
        return -1;
    auto& [start, allocation] = *--after;
    return address <= start + allocation.bytes ? (int64)(start + allocation.bytes - address) : -1;
}

// Reads ".entry NAME( .param ... )" and ".maxntid N" of each kernel.
Result parse(const std::string& text, Module& module, std::string& log)
{
    if (text.find(".version 7.5") == std::string::npos || text.find(".target sm_80") == std::string::npos)
    {
        log = "fake assembler: no .version 7.5 or no .target sm_80";
        return InvalidPtx;
    }
    for (size_t at = text.find(".entry "); at != std::string::npos; at = text.find(".entry ", at + 1))
    {
        auto function = std::make_unique<Function>();
        size_t open = text.find('(', at);
        size_t close = text.find(')', open);
        size_t body = text.find('{', close);
        function->name = text.substr(at + 7, open - at - 7);
        function->kernel = emulation::find(function->name.c_str());
        size_t shape = text.find(".maxntid ", close);
        function->threads = shape < body ? (uint32)strtoul(text.c_str() + shape + 9, nullptr, 10) : 0;
        for (size_t p = text.find(".param ", open); p < close; p = text.find(".param ", p + 1))
        {
            size_t bracket = text.find_first_of("[,)", p);
            bool isStructure = text[bracket] == '[';
            function->parameterBytes.push_back(isStructure ? strtoul(text.c_str() + bracket + 1, nullptr, 10) : 8);
            function->isBuffer.push_back(!isStructure);
        }
        module.functions[function->name] = std::move(function);
    }
    return Success;
}

Result check(const Function& function, uint32 blocks, uint32 threads, void** parameters)
{
    if (function.kernel == nullptr)
        return complain(NotFound, "the kernel of that name is in the PTX, but not in the sources");
    if (threads != function.threads)
        return complain(InvalidValue, "the launch has other threads than the kernel is compiled for");
    if (blocks == 0 || blocks > 0x7fffffff)
        return complain(InvalidValue, "no blocks, or too many");
    if (function.parameterBytes.size() != function.kernel->parameterCount)
        return complain(InvalidValue, "PTX and sources differ in the number of parameters");
    for (size_t i = 0; i < function.parameterBytes.size(); i++)
    {
        if (function.parameterBytes[i] != function.kernel->parameterBytes[i])
            return complain(InvalidValue, "PTX and sources differ in the size of a parameter");
        if (function.isBuffer[i] && bytesFrom(*static_cast<uint64*>(parameters[i])) < 0)
            return complain(IllegalAddress, "a buffer is no memory of the device");
    }
    return Success;
}

bool isRecorded() { return recording != nullptr && recorder == std::this_thread::get_id(); }

void write(const void* bytes, size_t count) { fwrite(bytes, 1, count, recording); }

// What replay.cpp reads: 0 for a structure, 1 for a buffer, 2 + n for a buffer that parameter n is too.
uint32 kindOf(const Function& function, void** parameters, size_t index)
{
    if (!function.isBuffer[index])
        return 0;
    for (size_t i = 0; i < index; i++)
    {
        if (function.isBuffer[i] && *static_cast<uint64*>(parameters[i]) == *static_cast<uint64*>(parameters[index]))
            return 2 + (uint32)i;
    }
    return 1;
}

// Bytes of a buffer: to the end of its allocation, or to the next one that lies in it too.
uint64 bytesOf(const Function& function, void** parameters, size_t index)
{
    uint64 address = *static_cast<uint64*>(parameters[index]);
    uint64 end = address + (uint64)bytesFrom(address);
    for (size_t i = 0; i < function.isBuffer.size(); i++)
    {
        uint64 other = function.isBuffer[i] ? *static_cast<uint64*>(parameters[i]) : 0;
        end = other > address ? smaller(end, other) : end;
    }
    return end - address;
}

// See replay.cpp, which reads it.
void record(const Function& function, uint32 blocks, uint32 threads, void** parameters, bool isBefore)
{
    if (isBefore)
    {
        uint32 count = (uint32)function.parameterBytes.size();
        uint32 nameBytes = (uint32)function.name.size();
        write(&nameBytes, 4);
        write(function.name.data(), nameBytes);
        write(&blocks, 4);
        write(&threads, 4);
        write(&count, 4);
    }
    for (size_t i = 0; i < function.parameterBytes.size(); i++)
    {
        bool isBuffer = function.isBuffer[i];
        if (!isBefore && !isBuffer)
            continue;
        uint64 address = isBuffer ? *static_cast<uint64*>(parameters[i]) : (uint64)parameters[i];
        uint64 bytes = isBuffer ? bytesOf(function, parameters, i) : function.parameterBytes[i];
        if (isBefore)
        {
            uint32 kind = kindOf(function, parameters, i);
            write(&kind, 4);
        }
        write(&bytes, 8);
        write(reinterpret_cast<void*>(address), bytes);
    }
}
}

// Writes every launch of the calling thread from now on to a file; null ends it.
EXPORT int fakeCudaRecord(const char* path)
{
    std::lock_guard hold(gate);
    if (recording != nullptr)
        fclose(recording);
    recording = path == nullptr ? nullptr : fopen(path, "wb");
    recorder = std::this_thread::get_id();
    return path != nullptr && recording == nullptr ? InvalidValue : Success;
}

// Whether streams answer that they are being captured.
EXPORT void fakeCudaCapture(void* stream, int isCapturing)
{
    std::lock_guard hold(gate);
    streams[stream] = isCapturing != 0;
}

EXPORT int cuInit(unsigned flags) { return flags == 0 ? Success : InvalidValue; }

EXPORT int cuDriverGetVersion(int* version)
{
    *version = 11050;
    return Success;
}

EXPORT int cuGetErrorName(int result, const char** name)
{
    for (const Name& known : Names)
    {
        if (known.result == result)
            return *name = known.name, Success;
    }
    return InvalidValue;
}

EXPORT int cuGetErrorString(int result, const char** text)
{
    for (const Name& known : Names)
    {
        if (known.result == result)
            return *text = known.text, Success;
    }
    return InvalidValue;
}

EXPORT int cuDeviceGetCount(int* count)
{
    *count = 1;
    return Success;
}

EXPORT int cuDeviceGet(int* device, int ordinal)
{
    *device = ordinal;
    return ordinal == 0 ? Success : InvalidValue;
}

EXPORT int cuDeviceGetName(char* name, int length, int)
{
    snprintf(name, (size_t)length, "emulation");
    return Success;
}

// A compute capability of 8.0.
EXPORT int cuDeviceGetAttribute(int* value, int attribute, int)
{
    *value = attribute == 75 ? 8 : 0;
    return attribute == 75 || attribute == 76 ? Success : InvalidValue;
}

EXPORT int cuDevicePrimaryCtxRetain(void** retained, int)
{
    *retained = &context;
    return Success;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int) { return Success; }

EXPORT int cuCtxSetCurrent(void* wanted)
{
    if (wanted != nullptr && wanted != &context)
        return InvalidContext;
    currentContext = wanted;
    return Success;
}

EXPORT int cuCtxGetCurrent(void** current)
{
    *current = currentContext;
    return Success;
}

EXPORT int cuModuleLoadDataEx(void** module, const void* image, unsigned count, int* options, void** values)
{
    std::lock_guard hold(gate);
    if (currentContext == nullptr)
        return InvalidContext;
    char* log = nullptr;
    size_t logBytes = 0;
    for (unsigned i = 0; i < count; i++)
    {
        if (options[i] == 5)
            log = static_cast<char*>(values[i]);
        else if (options[i] == 6)
            logBytes = (size_t)values[i];
        else
            return complain(InvalidValue, "an option that is not known here");
    }
    auto loaded = std::make_unique<Module>();
    std::string errors;
    Result result = parse(static_cast<const char*>(image), *loaded, errors);
    if (log != nullptr && logBytes > 0)
        snprintf(log, logBytes, "%s", errors.c_str());
    if (result != Success)
        return result;
    *module = loaded.get();
    modules[*module] = std::move(loaded);
    return Success;
}

EXPORT int cuModuleGetFunction(void** function, void* module, const char* name)
{
    std::lock_guard hold(gate);
    auto found = modules.find(module);
    if (found == modules.end())
        return InvalidHandle;
    auto named = found->second->functions.find(name);
    if (named == found->second->functions.end())
        return NotFound;
    *function = named->second.get();
    return Success;
}

EXPORT int cuLaunchKernel(
    void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
    unsigned sharedBytes, void* stream, void** parameters, void** extra)
{
    std::lock_guard hold(gate);
    if (currentContext == nullptr)
        return InvalidContext;
    if (gridY != 1 || gridZ != 1 || blockY != 1 || blockZ != 1 || sharedBytes != 0 || extra != nullptr)
        return complain(InvalidValue, "a launch of another kind than the operators'");
    if (stream != nullptr && streams.find(stream) == streams.end())
        return complain(InvalidHandle, "a stream that was not created");
    const Function& launched = *static_cast<Function*>(function);
    Result result = check(launched, gridX, blockX, parameters);
    if (result != Success)
        return result;
    if (isRecorded())
        record(launched, gridX, blockX, parameters, true);
    emulation::launch(*launched.kernel, gridX, blockX, parameters);
    for (auto& [address, allocation] : allocations)
    {
        if (!isIntact(address, allocation))
            return complain(IllegalAddress, "bytes beside an allocation were written");
    }
    if (isRecorded())
        record(launched, gridX, blockX, parameters, false);
    return Success;
}

EXPORT int cuStreamCreate(void** stream, unsigned)
{
    std::lock_guard hold(gate);
    *stream = malloc(1);
    streams[*stream] = false;
    return Success;
}

EXPORT int cuStreamDestroy_v2(void* stream)
{
    std::lock_guard hold(gate);
    if (streams.erase(stream) == 0)
        return InvalidHandle;
    free(stream);
    return Success;
}

EXPORT int cuStreamGetCtx(void* stream, void** owner)
{
    std::lock_guard hold(gate);
    *owner = &context;
    return streams.find(stream) != streams.end() ? Success : InvalidHandle;
}

EXPORT int cuStreamSynchronize(void*) { return Success; }

EXPORT int cuStreamIsCapturing(void* stream, int* status)
{
    std::lock_guard hold(gate);
    auto found = streams.find(stream);
    *status = found != streams.end() && found->second;
    return Success;
}

EXPORT int cuMemGetInfo_v2(size_t* available, size_t* total)
{
    std::lock_guard hold(gate);
    *total = DeviceBytes;
    *available = DeviceBytes - bytesInUse;
    return Success;
}

EXPORT int cuMemAlloc_v2(uint64* address, size_t bytes)
{
    std::lock_guard hold(gate);
    if (currentContext == nullptr)
        return InvalidContext;
    if (bytes == 0)
        return InvalidValue;
    if (bytes > DeviceBytes - bytesInUse)
        return OutOfMemory;
    size_t room = (bytes + Alignment - 1) / Alignment * Alignment;
    size_t pages = (room + Page - 1) / Page * Page;
    Allocation allocation = {nullptr, pages + 2 * Page, bytes};
    void* mapped = mmap(nullptr, allocation.mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return OutOfMemory;
    allocation.mapped = static_cast<unsigned char*>(mapped);
    memset(allocation.mapped + Page, Canary, pages);
    mprotect(allocation.mapped, Page, PROT_NONE);
    mprotect(allocation.mapped + Page + pages, Page, PROT_NONE);
    *address = (uint64)(allocation.mapped + Page + pages - room);
    allocations[*address] = allocation;
    bytesInUse += bytes;
    return Success;
}

EXPORT int cuMemFree_v2(uint64 address)
{
    std::lock_guard hold(gate);
    auto found = allocations.find(address);
    if (found == allocations.end())
        return InvalidValue;
    bool intact = isIntact(address, found->second);
    bytesInUse -= found->second.bytes;
    munmap(found->second.mapped, found->second.mappedBytes);
    allocations.erase(found);
    return intact ? Success : complain(IllegalAddress, "bytes beside an allocation were written");
}

// The host's memory is the device's here; a pinned block is one more allocation.
EXPORT int cuMemHostAlloc(void** address, size_t bytes, unsigned flags)
{
    if (flags != 2)
        return complain(InvalidValue, "host memory of another kind than the operators'");
    return cuMemAlloc_v2(reinterpret_cast<uint64*>(address), bytes);
}

EXPORT int cuMemFreeHost(void* address) { return cuMemFree_v2(reinterpret_cast<uint64>(address)); }

EXPORT int cuMemcpyHtoDAsync_v2(uint64 target, const void* source, size_t bytes, void*)
{
    std::lock_guard hold(gate);
    if (bytesFrom(target) < (int64)bytes)
        return complain(IllegalAddress, "a copy beyond an allocation");
    memcpy(reinterpret_cast<void*>(target), source, bytes);
    return Success;
}

EXPORT int cuMemsetD8Async(uint64 target, unsigned char value, size_t bytes, void*)
{
    std::lock_guard hold(gate);
    if (bytesFrom(target) < (int64)bytes)
        return complain(IllegalAddress, "zeros beyond an allocation");
    memset(reinterpret_cast<void*>(target), value, bytes);
    return Success;
}

EXPORT int cuMemcpyDtoH_v2(void* target, uint64 source, size_t bytes)
{
    std::lock_guard hold(gate);
    if (bytesFrom(source) < (int64)bytes)
        return complain(IllegalAddress, "a copy beyond an allocation");
    memcpy(target, reinterpret_cast<void*>(source), bytes);
    return Success;
}

EXPORT int cuMemcpyDtoDAsync_v2(uint64 target, uint64 source, size_t bytes, void*)
{
    std::lock_guard hold(gate);
    if (bytesFrom(source) < (int64)bytes || bytesFrom(target) < (int64)bytes)
        return complain(IllegalAddress, "a copy beyond an allocation");
    memmove(reinterpret_cast<void*>(target), reinterpret_cast<void*>(source), bytes);
    return Success;
}

EXPORT int cuEventCreate(void** event, unsigned)
{
    std::lock_guard hold(gate);
    *event = malloc(1);
    events[*event] = {};
    return Success;
}

EXPORT int cuEventRecord(void* event, void*)
{
    std::lock_guard hold(gate);
    events[event] = Clock::now();
    return Success;
}

EXPORT int cuEventSynchronize(void*) { return Success; }

EXPORT int cuEventElapsedTime(float* milliseconds, void* start, void* end)
{
    std::lock_guard hold(gate);
    *milliseconds = std::chrono::duration<float, std::milli>(events[end] - events[start]).count();
    return Success;
}

EXPORT int cuEventDestroy_v2(void* event)
{
    std::lock_guard hold(gate);
    events.erase(event);
    free(event);
    return Success;
}
