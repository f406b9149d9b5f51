// Threads for computing on the CPU.
#pragma once

#include "ggml-cpu.h"
#include "ggml.h"

// Physical cores that this process may use, given its affinity mask and the container's CPU quota. ggml's threads wait
// for each other by spinning, so a thread without a core of its own stalls all the others.
int physical_cores();

// A function that only the CPU backend has, or null. The backend is a shared library that is chosen at run time, so its
// functions are looked up by name.
void * cpu_backend_function(const char * name);

// A monotonic clock, in milliseconds.
double clock_ms();

// CPU time of all threads of this process so far, in milliseconds. With two sessions at work it counts both.
double process_cpu_ms();

// How many of `wanted` threads the next stage should use, given that in the last one `measured_threads` threads
// computed for `wall_ms` and got `cpu_ms` of CPU time together. Waiting threads spin, so with cores of their own they
// get measured_threads * wall_ms. A shortfall means contention: a core shared with another program loses half of its
// time, so twice the shortfall is the number of shared cores. These are left to the other programs, but never more than
// half of `wanted`, since a few slow threads still beat too few.
int threads_beside_others(int wanted, double wall_ms, double cpu_ms, int measured_threads);

// A pool whose threads sleep between graphs. Without one, ggml starts new threads for every graph and lets them spin
// while they wait, which gets very slow as soon as another process wants a core.
class ThreadPool {
  public:
    ThreadPool() = default;
    explicit ThreadPool(int threads); // get() is null if the CPU backend offers no pools
    ~ThreadPool();
    ThreadPool(ThreadPool && other) noexcept;
    ThreadPool & operator=(ThreadPool && other) noexcept;
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool & operator=(const ThreadPool &) = delete;

    ggml_threadpool * get() const { return pool_; }
    int threads() const { return threads_; }

  private:
    ggml_threadpool * pool_ = nullptr;
    int threads_ = 0;
};
