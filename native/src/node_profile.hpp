// Times every node of a graph through ggml's evaluation callback, which makes the scheduler stop after each of them.
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
    std::string name; // of the tensor behind views
    const char * type = "";
    std::array<int64_t, GGML_MAX_DIMS> shape{};
};

// All executions of one node: the same name, operator, type, device and operands, the same place among its namesakes
// in a graph, the same stage.
struct NodeTimes {
    const char * stage = "";
    std::string name, device;
    const char * op = "";
    const char * type = "";
    // Of the largest execution, as the operands are.
    int64_t volume = 0;
    std::array<int64_t, GGML_MAX_DIMS> shape{};
    std::vector<NodeOperand> operands;
    int runs = 0;
    double ms = 0;
};

class NodeProfile {
  public:
    // Forgets what was measured.
    void clear();

    // Nodes from now on belong to a new graph of `stage`, a string literal.
    void begin_graph(const char * stage);

    // The two calls of ggml_backend_sched_eval_callback: whether to stop after the node, and that it is done.
    bool ask(const ggml_tensor * node);
    void done(const ggml_tensor * node);

    // In the order of their first execution.
    const std::vector<NodeTimes> & nodes() const { return nodes_; }

  private:
    const char * stage_ = "";
    std::chrono::steady_clock::time_point started_;
    std::vector<NodeTimes> nodes_;
    // Names repeat within a graph: an activation of a side branch is called as that of the layer beside it, and a mask
    // is cast again in every layer.
    struct Namesakes {
        std::vector<size_t> nodes;
        size_t seen = 0; // in `graph`
        uint64_t graph = 0;
    };
    std::unordered_map<std::string, Namesakes> known_;
    uint64_t graph_ = 0;
    std::string key_; // kept to spare an allocation a node
};
