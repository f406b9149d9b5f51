#include "node_timer.hpp"

#include "devices.hpp"
#include "ggml-backend.h"

#include <algorithm>
#include <iterator>

namespace {

bool is_view(const ggml_tensor * tensor) {
    return tensor->op == GGML_OP_RESHAPE || tensor->op == GGML_OP_VIEW || tensor->op == GGML_OP_PERMUTE ||
           tensor->op == GGML_OP_TRANSPOSE;
}

// Whether no backend computes anything for the node; see ggml_op_is_empty and GGML_TENSOR_FLAG_COMPUTE in ggml.
bool is_idle(const ggml_tensor * node) {
    return node->op == GGML_OP_NONE || is_view(node) || ggml_nelements(node) == 0 ||
           (node->flags & GGML_TENSOR_FLAG_COMPUTE) == 0;
}

const ggml_tensor * behind_views(const ggml_tensor * tensor) {
    while (is_view(tensor) && tensor->src[0] != nullptr) {
        tensor = tensor->src[0];
    }
    return tensor;
}

std::array<int64_t, GGML_MAX_DIMS> shape_of(const ggml_tensor * tensor) {
    std::array<int64_t, GGML_MAX_DIMS> shape;
    std::copy(std::begin(tensor->ne), std::end(tensor->ne), shape.begin());
    return shape;
}

// Elements that a node reads and writes.
int64_t volume_of(const ggml_tensor * node) {
    int64_t volume = ggml_nelements(node);
    for (const ggml_tensor * source : node->src) {
        volume += source != nullptr ? ggml_nelements(source) : 0;
    }
    return volume;
}

std::vector<NodeOperand> operands_of(const ggml_tensor * node) {
    std::vector<NodeOperand> operands;
    for (const ggml_tensor * source : node->src) {
        if (source != nullptr) {
            operands.push_back({behind_views(source)->name, ggml_type_name(source->type), shape_of(source)});
        }
    }
    return operands;
}

} // namespace

void NodeTimer::clear() {
    nodes_.clear();
    known_.clear();
}

void NodeTimer::begin_graph(const char * stage) {
    stage_ = stage;
    graph_++;
}

bool NodeTimer::ask(const ggml_tensor * node) {
    if (is_idle(node)) {
        return false; // computed together with the next one
    }
    started_ = std::chrono::steady_clock::now();
    return true;
}

void NodeTimer::done(const ggml_tensor * node) {
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started_).count();
    const ggml_backend_buffer_t buffer = node->view_src != nullptr ? node->view_src->buffer : node->buffer;
    const std::string device = buffer != nullptr ? device_of(ggml_backend_buffer_get_type(buffer)) : "";
    // The only operator that is not ggml's is our attention on a CPU (vit/cpu_attention.hpp).
    const char * op = node->op == GGML_OP_CUSTOM ? "CPU_ATTENTION" : ggml_op_desc(node);
    const char * type = ggml_type_name(node->type);

    key_.clear();
    for (const char * part : {stage_, static_cast<const char *>(node->name), op, type, device.c_str()}) {
        key_.append(part).append("\n");
    }
    for (const ggml_tensor * source : node->src) {
        if (source != nullptr) {
            key_.append(behind_views(source)->name).append("\n");
        }
    }
    Namesakes & namesakes = known_[key_];
    if (namesakes.graph != graph_) {
        namesakes.graph = graph_;
        namesakes.seen = 0;
    }
    if (namesakes.seen == namesakes.nodes.size()) {
        namesakes.nodes.push_back(nodes_.size());
        NodeTimes fresh;
        fresh.stage = stage_;
        fresh.name = node->name;
        fresh.device = device;
        fresh.op = op;
        fresh.type = type;
        nodes_.push_back(std::move(fresh));
    }
    NodeTimes & times = nodes_[namesakes.nodes[namesakes.seen++]];
    if (const int64_t volume = volume_of(node); volume > times.volume) {
        times.volume = volume;
        times.shape = shape_of(node);
        times.operands = operands_of(node);
    }
    times.runs++;
    times.ms += ms;
}
