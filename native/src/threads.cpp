#include "threads.hpp"

#include "ggml-backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(_WIN32)
#include <windows.h>
#endif
#if !defined(_WIN32)
#include <sys/resource.h>
#endif

namespace {

int logical_cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

#if defined(__linux__)

bool read_text(const std::string & path, std::string & text) {
    std::ifstream file(path);
    return static_cast<bool>(std::getline(file, text));
}

// Distinct (package, core) pairs among the logical CPUs of the affinity mask.
int cores_in_affinity_mask() {
    const int possible = 4096;
    cpu_set_t * mask = CPU_ALLOC(possible);
    const size_t bytes = CPU_ALLOC_SIZE(possible);
    CPU_ZERO_S(bytes, mask);
    std::set<std::string> cores;
    int unknown = 0;
    if (sched_getaffinity(0, bytes, mask) == 0) {
        for (int cpu = 0; cpu < possible; cpu++) {
            if (!CPU_ISSET_S(cpu, bytes, mask)) {
                continue;
            }
            const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
            std::string package, core;
            if (read_text(topology + "physical_package_id", package) && read_text(topology + "core_id", core)) {
                cores.insert(package + ":" + core);
            } else {
                unknown++;
            }
        }
    }
    CPU_FREE(mask);
    const int found = static_cast<int>(cores.size()) + unknown;
    return found > 0 ? found : logical_cores();
}

// CPU quota, rounded up to whole cores, of a cgroup v2 file "cpu.max" ("<quota|max> <period>"); 0 for none.
int cores_of_cpu_max(const std::string & path) {
    std::string text;
    if (!read_text(path, text)) {
        return 0;
    }
    std::istringstream stream(text);
    std::string quota;
    double period = 0;
    if (!(stream >> quota >> period) || quota == "max" || period <= 0) {
        return 0;
    }
    return static_cast<int>(std::ceil(std::strtod(quota.c_str(), nullptr) / period));
}

// The smallest CPU quota, in cores, of this process's control groups; 0 for none.
int cores_of_quota() {
    int smallest = 0;
    auto consider = [&](int cores) {
        if (cores > 0 && (smallest == 0 || cores < smallest)) {
            smallest = cores;
        }
    };
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        if (line.rfind("0::", 0) != 0) {
            continue;
        }
        std::string group = line.substr(3);
        while (true) { // every ancestor may have a quota, too
            consider(cores_of_cpu_max("/sys/fs/cgroup" + group + "/cpu.max"));
            const size_t slash = group.find_last_of('/');
            if (group.size() <= 1 || slash == std::string::npos) {
                break;
            }
            group.resize(slash);
        }
    }
    std::string quota, period; // cgroup v1
    if (read_text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota) &&
        read_text("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period)) {
        const double microseconds = std::strtod(quota.c_str(), nullptr);
        const double each = std::strtod(period.c_str(), nullptr);
        if (microseconds > 0 && each > 0) {
            consider(static_cast<int>(std::ceil(microseconds / each)));
        }
    }
    return smallest;
}

int count_physical_cores() {
    const int cores = cores_in_affinity_mask();
    const int quota = cores_of_quota();
    return quota > 0 ? std::min(cores, quota) : cores;
}

#elif defined(__APPLE__)

int count_physical_cores() {
    // On Apple Silicon only the performance cores: the fast cores would wait for a slow one after every node.
    for (const char * name : {"hw.perflevel0.physicalcpu", "hw.physicalcpu"}) {
        int32_t cores = 0;
        size_t size = sizeof cores;
        if (sysctlbyname(name, &cores, &size, nullptr, 0) == 0 && cores > 0) {
            return cores;
        }
    }
    return logical_cores();
}

#elif defined(_WIN32)

int count_physical_cores() {
    DWORD bytes = 0;
    GetLogicalProcessorInformationEx(RelationProcessorCore, nullptr, &bytes);
    std::vector<char> buffer(bytes);
    auto * first = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *>(buffer.data());
    if (bytes == 0 || !GetLogicalProcessorInformationEx(RelationProcessorCore, first, &bytes)) {
        return logical_cores();
    }
    DWORD_PTR process_mask = 0, system_mask = 0;
    USHORT groups = 1, group_ids[64] = {};
    USHORT group_count = 64;
    if (GetProcessGroupAffinity(GetCurrentProcess(), &group_count, group_ids)) {
        groups = group_count;
    }
    // The affinity mask is for one processor group; a process in several groups has none.
    const bool masked = groups == 1 && GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask) != 0;
    int cores = 0;
    for (DWORD offset = 0; offset < bytes;) {
        auto * info = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *>(buffer.data() + offset);
        const GROUP_AFFINITY & core = info->Processor.GroupMask[0];
        if (!masked || (core.Group == group_ids[0] && (core.Mask & process_mask) != 0)) {
            cores++;
        }
        offset += info->Size;
    }
    return cores > 0 ? cores : logical_cores();
}

#else

int count_physical_cores() {
    return logical_cores();
}

#endif

} // namespace

void * cpu_backend_function(const char * name) {
    ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    return cpu != nullptr ? ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), name) : nullptr;
}

int physical_cores() {
    return std::max(1, count_physical_cores());
}

double clock_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::milli>(now).count();
}

double process_cpu_ms() {
#if defined(_WIN32)
    FILETIME created, exited, kernel, user;
    if (!GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) {
        return 0;
    }
    auto ms = [](const FILETIME & time) { // FILETIME counts units of 100 ns
        return (static_cast<double>(time.dwHighDateTime) * 4294967296.0 + time.dwLowDateTime) / 1e4;
    };
    return ms(kernel) + ms(user);
#else
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto ms = [](const timeval & time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
#endif
}

int threads_beside_others(int wanted, double wall_ms, double cpu_ms, int measured_threads) {
    if (wanted <= 1 || wall_ms <= 0) {
        return wanted;
    }
    const double share = std::min(1.0, cpu_ms / (wall_ms * measured_threads));
    const int shared_cores = static_cast<int>(std::lround((1 - share) * 2 * measured_threads));
    return std::clamp(wanted - shared_cores, (wanted + 1) / 2, wanted);
}

ThreadPool::ThreadPool(int threads) {
    auto create = reinterpret_cast<decltype(&ggml_threadpool_new)>(cpu_backend_function("ggml_threadpool_new"));
    if (create == nullptr) {
        return;
    }
    ggml_threadpool_params params = ggml_threadpool_params_default(threads);
    params.poll = 0;
    pool_ = create(&params);
    threads_ = threads;
}

ThreadPool::~ThreadPool() {
    if (pool_ == nullptr) {
        return;
    }
    if (auto destroy =
            reinterpret_cast<decltype(&ggml_threadpool_free)>(cpu_backend_function("ggml_threadpool_free"))) {
        destroy(pool_);
    }
}

ThreadPool::ThreadPool(ThreadPool && other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), threads_(std::exchange(other.threads_, 0)) {}

ThreadPool & ThreadPool::operator=(ThreadPool && other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(threads_, other.threads_);
    return *this;
}
