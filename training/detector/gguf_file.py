"""A small reader and writer of GGUF files: metadata and f32, f16 and q8_0 tensors.

Format: docs/gguf.md of the ggml project (version 3, little-endian). Block format and rounding of q8_0: `block_q8_0` in
ggml-common.h and `quantize_row_q8_0_ref` in ggml-quants.c of llama.cpp.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MAGIC = b"GGUF"
VERSION = 3
ALIGNMENT = 32

UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64, INT64, FLOAT64 = range(13)
_SCALAR_FORMATS = {
    UINT8: "<B", INT8: "<b", UINT16: "<H", INT16: "<h", UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?",
    UINT64: "<Q", INT64: "<q", FLOAT64: "<d",
}  # fmt: skip

GGML_F32, GGML_F16, GGML_Q8_0 = 0, 1, 8
Q8_0_BLOCK = 32
_Q8_0_DTYPE = np.dtype([("d", "<f2"), ("qs", "i1", (Q8_0_BLOCK,))])


@dataclass(frozen=True)
class Value:
    """A metadata value with its GGUF type; `item_type` is the type of an array's items."""

    type: int
    value: object
    item_type: int | None = None


@dataclass
class GgufFile:
    """Metadata and tensors in file order. Tensors are float32 arrays in row-major order (GGUF's shape reversed)."""

    metadata: dict[str, Value] = field(default_factory=dict)
    tensors: dict[str, np.ndarray] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)

    def get(self, key: str) -> object:
        return self.metadata[key].value


def quantize_q8_0(values: np.ndarray) -> np.ndarray:
    """Blocks of 32 along the last axis: int8 numbers that share one f16 scale. Halves round away from zero, as in ggml."""
    blocks = np.ascontiguousarray(values, dtype=np.float32).reshape(-1, Q8_0_BLOCK)
    scale = np.abs(blocks).max(axis=1) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale != 0)
    scaled = blocks * inverse[:, None]
    # C's roundf. |x| + 0.5 would round the largest float below one half up; rint with a correction of exact halves does not.
    magnitude = np.abs(scaled)
    whole = np.floor(magnitude)
    rounded = np.copysign(whole + (magnitude - whole >= 0.5), scaled)
    result = np.empty(len(blocks), dtype=_Q8_0_DTYPE)
    result["d"] = scale
    result["qs"] = rounded
    return result


def dequantize_q8_0(blocks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return (blocks["qs"].astype(np.float32) * blocks["d"].astype(np.float32)[:, None]).reshape(shape)


def _byte_size(kind: int, count: int) -> int:
    if kind == GGML_F32:
        return 4 * count
    if kind == GGML_F16:
        return 2 * count
    if kind == GGML_Q8_0 and count % Q8_0_BLOCK == 0:
        return _Q8_0_DTYPE.itemsize * (count // Q8_0_BLOCK)
    raise ValueError(f"tensor type {kind} with {count} values is not supported")


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def scalar(self, form: str) -> object:
        size = struct.calcsize(form)
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return value

    def string(self) -> str:
        length = self.scalar("<Q")
        text = self.data[self.at : self.at + length].decode("utf-8")
        self.at += length
        return text

    def value(self, kind: int) -> Value:
        if kind == STRING:
            return Value(STRING, self.string())
        if kind == ARRAY:
            item_type, count = self.scalar("<I"), self.scalar("<Q")
            return Value(ARRAY, [self.value(item_type).value for _ in range(count)], item_type)
        return Value(kind, self.scalar(_SCALAR_FORMATS[kind]))


def read_gguf(path: str | Path) -> GgufFile:
    """Reads a whole file. Raises ValueError for another format or a tensor type that is not supported."""
    data = Path(path).read_bytes()
    cursor = _Cursor(data)
    if data[:4] != MAGIC:
        raise ValueError(f"{path} is not a GGUF file")
    cursor.at = 4
    if cursor.scalar("<I") != VERSION:
        raise ValueError(f"{path} is not of GGUF version {VERSION}")
    tensor_count, value_count = cursor.scalar("<Q"), cursor.scalar("<Q")
    file = GgufFile()
    for _ in range(value_count):
        key = cursor.string()
        file.metadata[key] = cursor.value(cursor.scalar("<I"))
    infos = []
    for _ in range(tensor_count):
        name = cursor.string()
        shape = tuple(cursor.scalar("<Q") for _ in range(cursor.scalar("<I")))[::-1]
        infos.append((name, shape, cursor.scalar("<I"), cursor.scalar("<Q")))
    alignment = file.metadata["general.alignment"].value if "general.alignment" in file.metadata else ALIGNMENT
    start = -(-cursor.at // alignment) * alignment
    for name, shape, kind, offset in infos:
        count = int(np.prod(shape))
        raw = data[start + offset : start + offset + _byte_size(kind, count)]
        if kind == GGML_F32:
            tensor = np.frombuffer(raw, "<f4").reshape(shape).copy()
        elif kind == GGML_F16:
            tensor = np.frombuffer(raw, "<f2").astype(np.float32).reshape(shape)
        else:
            tensor = dequantize_q8_0(np.frombuffer(raw, _Q8_0_DTYPE), shape)
        file.tensors[name], file.types[name] = tensor, kind
    return file


def _pack_string(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return struct.pack("<Q", len(encoded)) + encoded


def _pack_value(value: Value) -> bytes:
    if value.type == STRING:
        return _pack_string(value.value)
    if value.type == ARRAY:
        items = b"".join(_pack_value(Value(value.item_type, item)) for item in value.value)
        return struct.pack("<IQ", value.item_type, len(value.value)) + items
    return struct.pack(_SCALAR_FORMATS[value.type], value.value)


def _pack_tensor(tensor: np.ndarray, kind: int) -> bytes:
    if kind == GGML_F32:
        return np.ascontiguousarray(tensor, "<f4").tobytes()
    if kind == GGML_F16:
        return np.ascontiguousarray(tensor, "<f2").tobytes()
    if kind == GGML_Q8_0 and tensor.shape[-1] % Q8_0_BLOCK == 0:
        return quantize_q8_0(tensor).tobytes()
    raise ValueError(f"tensor type {kind} cannot be written for the shape {tensor.shape}")


def write_gguf(path: str | Path, file: GgufFile) -> None:
    """Writes the tensors as the types in `file.types` say."""
    head = [MAGIC, struct.pack("<IQQ", VERSION, len(file.tensors), len(file.metadata))]
    for key, value in file.metadata.items():
        head.append(_pack_string(key) + struct.pack("<I", value.type) + _pack_value(value))
    bodies, offset = [], 0
    for name, tensor in file.tensors.items():
        body = _pack_tensor(tensor, file.types[name])
        shape = tensor.shape[::-1]
        head.append(_pack_string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        head.append(struct.pack("<IQ", file.types[name], offset))
        bodies.append(body + bytes(-len(body) % ALIGNMENT))
        offset += len(bodies[-1])
    header = b"".join(head)
    Path(path).write_bytes(header + bytes(-len(header) % ALIGNMENT) + b"".join(bodies))
