// Runs the launches that a fake driver recorded once more, on memory of exactly the recorded sizes, for the sanitizers
// to watch: replay FILE [FAULT]. Ends with 1 when a byte differs from what was recorded.
#include "../../../../CustomOps/Runtime/Cuda/Kernels/device.cuh"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace
{
FILE* recording;

bool read(void* target, size_t bytes) { return bytes == 0 || fread(target, 1, bytes, recording) == bytes; }

template <class T>
T number()
{
    T value;
    if (!read(&value, sizeof value))
        exit((fprintf(stderr, "replay: the recording ends early\n"), 2));
    return value;
}

struct Parameter
{
    bool isBuffer;
    // Whether the memory is an earlier parameter's: an output in its input's place.
    bool isShared;
    size_t bytes;
    // The value, or for a buffer its memory.
    void* data;
    // The last buffer is the one that the kernel writes. What it changed there starts as other bytes here; the rest is
    // other launches'.
    std::vector<char> expected;

    void spoil()
    {
        char* bytes = static_cast<char*>(data);
        for (size_t i = 0; i < expected.size(); i++)
            bytes[i] = bytes[i] == expected[i] ? bytes[i] : ~expected[i];
    }
};

void readParameter(Parameter& parameter, const std::vector<Parameter>& all)
{
    uint32 kind = number<uint32>();
    parameter.isBuffer = kind != 0;
    parameter.isShared = kind >= 2;
    parameter.bytes = number<uint64>();
    parameter.data = parameter.isShared ? all[kind - 2].data : malloc(parameter.bytes == 0 ? 1 : parameter.bytes);
    read(parameter.data, parameter.bytes);
}

void readExpected(Parameter& parameter)
{
    parameter.expected.resize(number<uint64>());
    read(parameter.expected.data(), parameter.expected.size());
}

bool replayLaunch()
{
    std::string name(number<uint32>(), ' ');
    read(name.data(), name.size());
    const emulation::Kernel* kernel = emulation::find(name.c_str());
    if (kernel == nullptr)
        exit((fprintf(stderr, "replay: no kernel %s\n", name.c_str()), 2));
    uint32 blocks = number<uint32>();
    uint32 threads = number<uint32>();
    std::vector<Parameter> parameters(number<uint32>());
    for (Parameter& parameter : parameters)
        readParameter(parameter, parameters);
    std::vector<void*> addresses;
    Parameter* written = nullptr;
    for (Parameter& parameter : parameters)
    {
        if (parameter.isBuffer)
        {
            readExpected(parameter);
            written = &parameter;
        }
        addresses.push_back(parameter.isBuffer ? static_cast<void*>(&parameter.data) : parameter.data);
    }
    if (!written->isShared)
        written->spoil();
    emulation::launch(*kernel, blocks, threads, addresses.data());
    bool isSame = true;
    for (Parameter& parameter : parameters)
    {
        if (parameter.isBuffer && memcmp(parameter.data, parameter.expected.data(), parameter.bytes) != 0)
            isSame = false;
    }
    for (Parameter& parameter : parameters)
    {
        if (!parameter.isShared)
            free(parameter.data);
    }
    if (!isSame)
        fprintf(stderr, "replay: %s, %u blocks: other bytes than recorded\n", name.c_str(), blocks);
    return isSame;
}
}

int main(int count, char** arguments)
{
    recording = count == 2 || count == 3 ? fopen(arguments[1], "rb") : nullptr;
    emulation::plantedFault = count == 3 ? (uint32)atoi(arguments[2]) : 0;
    if (recording == nullptr)
        return fprintf(stderr, "usage: replay FILE [FAULT]\n"), 2;
    int launches = 0;
    int different = 0;
    for (int next = fgetc(recording); next != EOF; next = fgetc(recording))
    {
        ungetc(next, recording);
        different += !replayLaunch();
        launches++;
    }
    printf("%d launches, %d different\n", launches, different);
    return launches > 0 && different == 0 ? 0 : 1;
}
