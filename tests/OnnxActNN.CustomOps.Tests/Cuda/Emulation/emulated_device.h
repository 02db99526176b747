// The device as plain C++: what device.cuh asks for, carried out by the threads of emulation.cpp. Each thread of a
// block is a fiber; at a function that a warp or a block takes part in together
// it waits until all others have come to it.
#pragma once

#include <cstddef>
#include <utility>

#define DEVICE inline
// One for all source files, as the functions are that use it.
#define SHARED inline
#define KERNEL(threads) extern "C" void
#define REGISTER_KERNEL(name) \
    static const emulation::Registration registration_##name(#name, emulation::kernelOf(name));

namespace emulation
{
struct Kernel
{
    // Calls the kernel once: one thread of the grid. Each parameter stands at its address, as cuLaunchKernel has them.
    void (*call)(const Kernel& kernel, void* const* parameters);
    void (*function)();
    uint32 parameterCount;
    const uint32* parameterBytes;
};

template <class... Parameters, size_t... Index>
void callWith(void (*function)(Parameters...), void* const* parameters, std::index_sequence<Index...>)
{
    function(*static_cast<Parameters*>(parameters[Index])...);
}

template <class... Parameters>
Kernel kernelOf(void (*function)(Parameters...))
{
    static const uint32 bytes[] = {sizeof(Parameters)...};
    auto call = [](const Kernel& kernel, void* const* parameters)
    {
        callWith((void (*)(Parameters...))kernel.function, parameters, std::index_sequence_for<Parameters...>());
    };
    return Kernel{call, (void (*)())function, sizeof...(Parameters), bytes};
}

struct Registration
{
    Registration(const char* name, const Kernel& kernel);
};

// The kernel of that name; null when there is none.
const Kernel* find(const char* name);

// Runs a grid to its end.
// Says what is wrong and ends the process when a warp or a block parts ways at a common function.
void launch(const Kernel& kernel, uint32 blocks, uint32 threads, void* const* parameters);

// Which of the faults that a test has planted in a copy of the kernels is active; 0 for none.
extern uint32 plantedFault;

enum class Collective { None, Broadcast, Ballot, Maximum, Minimum, MaximumSigned, Barrier };

uint32 currentThread();
uint32 currentBlock();
uint32 blocksOfGrid();

// Waits for the other lanes of the warp, or the other threads of the block. For a broadcast, lane is the one to hear.
uint32 collect(Collective operation, uint32 value, uint32 lane);
}

constexpr int32 AllLanes = -1;

inline uint32 threadIndex() { return emulation::currentThread(); }
inline uint32 blockIndex() { return emulation::currentBlock(); }
inline uint32 blockCount() { return emulation::blocksOfGrid(); }

inline Words2 loadConstant(const Words2* source) { return *source; }
inline Words4 loadConstant(const Words4* source) { return *source; }

inline Words2 loadOwn(const Words2* source) { return *source; }
inline Words4 loadOwn(const Words4* source) { return *source; }

inline void synchronizeBlock() { emulation::collect(emulation::Collective::Barrier, 0, 0); }
inline uint32 broadcast(uint32 value, uint32 lane)
{
    return emulation::collect(emulation::Collective::Broadcast, value, lane);
}
inline uint32 ballot(bool value) { return emulation::collect(emulation::Collective::Ballot, value, 0); }
inline uint32 warpMaximum(uint32 value) { return emulation::collect(emulation::Collective::Maximum, value, 0); }
inline uint32 warpMinimum(uint32 value) { return emulation::collect(emulation::Collective::Minimum, value, 0); }
inline int32 warpMaximumSigned(int32 value)
{
    return (int32)emulation::collect(emulation::Collective::MaximumSigned, (uint32)value, 0);
}

// Threads run one at a time here.
inline void addAtomically(uint32* target, uint32 value) { *target += value; }
inline void addAtomically(int64* target, int64 value) { *target += value; }
inline void maximizeAtomically(uint32* target, uint32 value) { *target = value > *target ? value : *target; }

inline float squareRoot(float x) { return __builtin_sqrtf(x); }
