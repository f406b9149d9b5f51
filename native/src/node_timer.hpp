// Times every node of a graph through ggml's evaluation callback, which makes the scheduler wait after each of them.
#pragma once

#include "ggml.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

struct NodeOperand {
    std::string name; // of the tensor; of a view that of the tensor behind it
    const char * type = "";
    std::array<int64_t, GGML_MAX_DIMS> shape{};
};

// All executions of one node. Executions belong together that agree in stage, name, operator, type, device and
// operands, and in their place among the nodes of the same graph that agree in all of these.
struct NodeTimes {
    const char * stage = "";
    std::string name, device;
    const char * op = "";
    const char * type = "";
    // Shapes are those of the largest execution.
    int64_t volume = 0; // elements that it reads and writes
    std::array<int64_t, GGML_MAX_DIMS> shape{};
    std::vector<NodeOperand> operands;
    int runs = 0;
    double ms = 0;
};

class NodeTimer {
  public:
    // Forgets everything measured so far.
    void clear();

    // Tells that the next nodes belong to a new graph. `stage` is a string literal.
    void begin_graph(const char * stage);

    // The two calls of ggml_backend_sched_eval_callback. ask(): whether to wait for the node; done(): it has been
    // computed.
    bool ask(const ggml_tensor * node);
    void done(const ggml_tensor * node);

    // In the order of their first execution.
    const std::vector<NodeTimes> & nodes() const { return nodes_; }

  private:
    const char * stage_ = "";
    std::chrono::steady_clock::time_point started_;
    std::vector<NodeTimes> nodes_;
    // Nodes that differ in nothing but their place in the graph. Names repeat: a node of a side branch is called like
    // that of the layer beside it, and a mask is cast again in every layer.
    struct Namesakes {
        std::vector<size_t> nodes; // indices into nodes_, in the order of their places
        size_t seen = 0;           // how many were executed in `graph`
        uint64_t graph = 0;
    };
    std::unordered_map<std::string, Namesakes> known_;
    uint64_t graph_ = 0;
    std::string key_; // a member, so that not every node allocates one
};
