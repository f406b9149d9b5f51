// How an image divides into attention windows.
#pragma once

#include <cstdint>
#include <vector>

// All windows of one size. They follow each other in the order of patches. Sizes are in merged cells of 2x2 patches.
struct WindowShape {
    int width = 0, height = 0; // of each window
    int columns = 0, rows = 0; // how many windows lie beside and below each other
    int left = 0, top = 0;     // of the first window
    int cells() const { return width * height; }
    int windows() const { return columns * rows; }
};

// Windows of `side` x `side` cells cover the grid from its upper left corner on; those at the right and lower edge may
// be smaller. So there are at most four shapes: full, right edge, lower edge, corner.
inline std::vector<WindowShape> window_shapes(int grid_width, int grid_height, int side) {
    std::vector<WindowShape> shapes;
    const int columns = grid_width / side, rows = grid_height / side;
    const int rest_x = grid_width % side, rest_y = grid_height % side;
    const WindowShape candidates[] = {
        {side, side, columns, rows, 0, 0},
        {rest_x, side, 1, rows, columns * side, 0},
        {side, rest_y, columns, 1, 0, rows * side},
        {rest_x, rest_y, 1, 1, columns * side, rows * side},
    };
    for (const WindowShape & shape : candidates) {
        if (shape.cells() > 0 && shape.windows() > 0) {
            shapes.push_back(shape);
        }
    }
    return shapes;
}

// The cells in the order shape by shape, window by window, row by row, each as its index in reading order.
inline std::vector<int32_t> window_order(int grid_width, int grid_height, int side) {
    std::vector<int32_t> order;
    order.reserve(static_cast<size_t>(grid_width) * static_cast<size_t>(grid_height));
    for (const WindowShape & shape : window_shapes(grid_width, grid_height, side)) {
        for (int window = 0; window < shape.windows(); window++) {
            const int left = shape.left + window % shape.columns * shape.width;
            const int top = shape.top + window / shape.columns * shape.height;
            for (int cell = 0; cell < shape.cells(); cell++) {
                order.push_back((top + cell / shape.width) * grid_width + left + cell % shape.width);
            }
        }
    }
    return order;
}
