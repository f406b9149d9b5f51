"""The detector in PyTorch, computed as llama.cpp computes it.

Sources: tools/mtmd/models/qwen3vl.cpp and tools/mtmd/clip.cpp (vision encoder, `v.*` and `mm.*` tensors),
src/models/qwen3vl.cpp (language model) and ggml_mrope_cache_init in ggml-cpu/ops.cpp (rotary positions) of llama.cpp.
`test_parity.py` checks that both write the same tokens. Works with PyTorch 1.13 and 2.x.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import vocabulary as vocab
from gguf_file import ARRAY, GGML_F16, GGML_F32, GGML_Q8_0, STRING, UINT32, GgufFile, Value, read_gguf, write_gguf

MODEL_FILE, MMPROJ_FILE = "model.gguf", "mmproj.gguf"
FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7}
"""`general.file_type` as llama.h numbers them (LLAMA_FTYPE_*)."""
MODEL_NAME = "holoscope-nano"
ROPE_BASE = 10000.0


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; the defaults are the bundled detector's."""

    vision_width: int = 256
    vision_layers: int = 8
    vision_heads: int = 4
    vision_feed_forward: int = 1024
    patch: int = 16
    grid: int = 32
    width: int = 384
    layers: int = 6
    heads: int = 6
    kv_heads: int = 2
    head: int = 64
    feed_forward: int = 1024
    vocabulary: int = vocab.SIZE
    epsilon: float = 1e-6


def stored_q8_0(weight: Tensor) -> Tensor:
    """The weight as a file of type q8_0 gives it back. Exact halves round to even here, away from zero there."""
    blocks = weight.detach().float().reshape(-1, 32)
    scale = blocks.abs().amax(dim=1, keepdim=True) / 127
    numbers = torch.round(blocks / scale.clamp_min(1e-30))
    return (numbers * scale.half().float()).reshape(weight.shape)


HAS_FUSED_ATTENTION = hasattr(F, "scaled_dot_product_attention")


def attention(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """Scaled dot-product attention on [batch, heads, length, head]."""
    if HAS_FUSED_ATTENTION:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    scores = (q @ k.transpose(-1, -2)) / math.sqrt(q.shape[-1])
    if causal:
        scores = scores + torch.full(scores.shape[-2:], -math.inf, device=q.device).triu(1)
    return scores.softmax(dim=-1) @ v


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates the pairs (i, i + half) of the last axis; computed in the precision of the angles, answered in that of x."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + self.epsilon) * self.weight).to(x.dtype)


class VisionBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.vision_width
        self.heads = shape.vision_heads
        self.ln1 = nn.LayerNorm(width, eps=shape.epsilon)
        self.attn_qkv = nn.Linear(width, 3 * width)
        self.attn_out = nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width, eps=shape.epsilon)
        self.ffn_up = nn.Linear(width, shape.vision_feed_forward)
        self.ffn_down = nn.Linear(shape.vision_feed_forward, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.attn_qkv(self.ln1(x)).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attention(rotate(q, cos, sin), rotate(k, cos, sin), v, causal=False)
        x = x + self.attn_out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.ffn_down(F.gelu(self.ffn_up(self.ln2(x)), approximate="tanh"))


class LanguageBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head = shape.heads, shape.kv_heads, shape.head
        self.attn_norm = RmsNorm(shape.width, shape.epsilon)
        self.attn_q = nn.Linear(shape.width, shape.heads * shape.head, bias=False)
        self.attn_k = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.attn_v = nn.Linear(shape.width, shape.kv_heads * shape.head, bias=False)
        self.attn_q_norm = RmsNorm(shape.head, shape.epsilon)
        self.attn_k_norm = RmsNorm(shape.head, shape.epsilon)
        self.attn_output = nn.Linear(shape.heads * shape.head, shape.width, bias=False)
        self.ffn_norm = RmsNorm(shape.width, shape.epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def _split(self, x: Tensor, heads: int) -> Tensor:
        return x.view(x.shape[0], x.shape[1], heads, self.head).transpose(1, 2)

    def queries(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotated queries, rotated keys and values, each [batch, heads, length, head]."""
        normed = self.attn_norm(x)
        q = self.attn_q_norm(self._split(self.attn_q(normed), self.heads))
        k = self.attn_k_norm(self._split(self.attn_k(normed), self.kv_heads))
        return rotate(q, cos, sin), rotate(k, cos, sin), self._split(self.attn_v(normed), self.kv_heads)

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1))
        normed = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(normed)) * self.ffn_up(normed))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q, k, v = self.queries(x, cos, sin)
        groups = self.heads // self.kv_heads
        mixed = attention(q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1), causal=True)
        return self.finish(x, mixed)


@lru_cache(maxsize=64)
def vision_angles(rows: int, columns: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """cos and sin [patches, 32] for patches in the order of the 2x2 merge: 16 pairs turn by row, 16 by column."""
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    frequency = ROPE_BASE ** (-torch.arange(16, dtype=torch.float64) / 16)
    position = merge_order(torch.stack((row, column), dim=-1)[None].double())[0]
    angle = (position[:, :, None] * frequency).flatten(1)
    return angle.cos().float().to(device), angle.sin().float().to(device)


def language_angles(rows: int, columns: int, answer: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """cos and sin [length, 32] for prompt, image of rows x columns tokens and `answer` tokens; interleaved M-RoPE."""
    length = len(vocab.PROMPT_BEFORE_IMAGE) + rows * columns + len(vocab.PROMPT_AFTER_IMAGE) + answer
    # Few tables for all lengths, because bringing one to a GPU makes the host wait.
    cos, sin = _language_table(rows, columns, -(-answer // 2048) * 2048, device)
    return cos[:length], sin[:length]


@lru_cache(maxsize=64)
def _language_table(rows: int, columns: int, answer: int, device: torch.device) -> tuple[Tensor, Tensor]:
    before, after = len(vocab.PROMPT_BEFORE_IMAGE), len(vocab.PROMPT_AFTER_IMAGE)
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    image = torch.stack((torch.zeros_like(row), row, column)).flatten(1) + before
    text = torch.arange(after + answer) + before + max(rows, columns)
    position = torch.cat((torch.arange(before).expand(3, -1), image, text.expand(3, -1)), dim=1).double()
    pair = torch.arange(32)
    # Sections [11, 11, 10]: pair 1, 4, .. 31 turn by row, 2, 5, .. 29 by column, the rest by time.
    axis = torch.where(pair % 3 == 1, 1, torch.where((pair % 3 == 2) & (pair < 30), 2, 0))
    angle = position[axis].T * ROPE_BASE ** (-pair.double() / 32)
    return angle.cos().float().to(device), angle.sin().float().to(device)


def merge_order(grid: Tensor) -> Tensor:
    """[batch, rows, columns, width] to [batch, rows * columns, width], the four patches of a 2x2 group together."""
    batch, rows, columns, width = grid.shape
    grouped = grid.view(batch, rows // 2, 2, columns // 2, 2, width).permute(0, 1, 3, 2, 4, 5)
    return grouped.reshape(batch, rows * columns, width)


def to_patches(images: Tensor, patch: int) -> Tensor:
    """[batch, height, width, 3] uint8 to [batch, patches, 3 * patch * patch] in -1..1, in the order of the merge."""
    batch, height, width, _ = images.shape
    grid = images.view(batch, height // (2 * patch), 2, patch, width // (2 * patch), 2, patch, 3)
    patches = grid.permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(batch, -1, 3 * patch * patch)
    return patches.float() * (2 / 255) - 1


class Detector(nn.Module):
    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        width, merged = shape.vision_width, 4 * shape.vision_width
        self.patch_embd = nn.Linear(3 * shape.patch * shape.patch, width)
        self.position_embd = nn.Parameter(torch.zeros(shape.grid * shape.grid, width))
        self.vision = nn.ModuleList(VisionBlock(shape) for _ in range(shape.vision_layers))
        self.post_ln = nn.LayerNorm(width, eps=shape.epsilon)
        self.merge_in = nn.Linear(merged, merged)
        self.merge_out = nn.Linear(merged, shape.width)
        self.token_embd = nn.Parameter(torch.zeros(shape.vocabulary, shape.width))
        self.language = nn.ModuleList(LanguageBlock(shape) for _ in range(shape.layers))
        self.output_norm = RmsNorm(shape.width, shape.epsilon)
        self.register_buffer("before_image", torch.tensor(vocab.PROMPT_BEFORE_IMAGE), persistent=False)
        self.register_buffer("after_image", torch.tensor(vocab.PROMPT_AFTER_IMAGE), persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        depth = 1 / math.sqrt(2 * self.shape.layers)
        for name, parameter in self.named_parameters():
            if parameter.ndim < 2:
                continue
            if name in ("token_embd", "position_embd"):
                nn.init.normal_(parameter, std=0.02)
                continue
            std = 1 / math.sqrt(parameter.shape[1])
            residual = name.endswith(("attn_out.weight", "attn_output.weight", "ffn_down.weight"))
            nn.init.normal_(parameter, std=std * depth if residual else std)
        for module in self.modules():
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def quantised_parameters(self) -> list[nn.Parameter]:
        """The parameters that a file of type q8_0 stores as q8_0."""
        exact = ("position_embd", "patch_embd.weight")
        return [p for name, p in self.named_parameters() if p.ndim == 2 and name not in exact]

    def encode_images(self, images: Tensor) -> Tensor:
        """[batch, height, width, 3] uint8, sides multiples of 32, to embeddings [batch, rows * columns, width]."""
        rows, columns = images.shape[1] // self.shape.patch, images.shape[2] // self.shape.patch
        grid = self.position_embd.T.reshape(1, -1, self.shape.grid, self.shape.grid)
        # align_corners, as resize_position_embeddings() in clip.cpp.
        grid = F.interpolate(grid.float(), (rows, columns), mode="bilinear", align_corners=True)
        x = self.patch_embd(to_patches(images, self.shape.patch)) + merge_order(grid.permute(0, 2, 3, 1))
        cos, sin = vision_angles(rows, columns, images.device)
        for block in self.vision:
            x = block(x, cos, sin)
        x = self.post_ln(x)
        x = x.view(x.shape[0], -1, 4 * self.shape.vision_width)
        return self.merge_out(F.gelu(self.merge_in(x), approximate="tanh"))

    def prompt_embeddings(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The whole prompt's embeddings [batch, length, width], and those of the image alone."""
        # In full precision, because the sums of all layers are kept in this type.
        seen = self.encode_images(images).float()
        table = self.token_embd
        before, after = F.embedding(self.before_image, table), F.embedding(self.after_image, table)
        wide = (len(images), -1, -1)
        parts = (before.expand(wide), seen, after.expand(wide))
        return torch.cat(parts, dim=1), seen

    def forward(self, images: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, tokens, vocabulary] that predict each of `answers` [batch, tokens], and the image's embeddings."""
        prompt, seen = self.prompt_embeddings(images)
        answer = F.embedding(answers[:, :-1], self.token_embd)
        x = torch.cat((prompt, answer), dim=1)
        rows, columns = images.shape[1] // vocab.CELL, images.shape[2] // vocab.CELL
        cos, sin = language_angles(rows, columns, answer.shape[1], images.device)
        for block in self.language:
            x = block(x, cos, sin)
        x = self.output_norm(x[:, prompt.shape[1] - 1 :])
        return F.linear(x, self.token_embd), seen

    @torch.no_grad()
    def generate(self, images: Tensor, max_tokens: int) -> list[list[int]]:
        """Greedy answers without the end of turn, for images [batch, height, width, 3] uint8 of one size."""
        rows, columns = images.shape[1] // vocab.CELL, images.shape[2] // vocab.CELL
        x, _ = self.prompt_embeddings(images)
        batch, start = x.shape[0], x.shape[1]
        cos, sin = language_angles(rows, columns, max_tokens, images.device)
        groups = self.shape.heads // self.shape.kv_heads
        size = (batch, self.shape.heads, start + max_tokens, self.shape.head)
        caches: list[tuple[Tensor, Tensor]] = []
        for block in self.language:
            q, k, v = block.queries(x, cos[:start], sin[:start])
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
            keys, values = k.new_zeros(size), v.new_zeros(size)
            keys[:, :, :start], values[:, :, :start] = k, v
            caches.append((keys, values))
            x = block.finish(x, attention(q, k, v, causal=True))
        chosen: list[Tensor] = []
        ended = torch.zeros(batch, dtype=torch.bool, device=images.device)
        x = x[:, -1:]
        table = self.token_embd
        for step in range(max_tokens):
            token = F.linear(self.output_norm(x), table)[:, 0].argmax(dim=-1)
            ended = ended | (token == vocab.TURN_END)
            chosen.append(torch.where(ended, vocab.TURN_END, token))
            # Asking a GPU costs a wait, so rarely.
            if step + 1 == max_tokens or ((step % 16 == 0 or batch == 1) and bool(ended.all())):
                break
            x = F.embedding(token, table)[:, None]
            at = start + step
            for block, (keys, values) in zip(self.language, caches):
                q, k, v = block.queries(x, cos[at : at + 1], sin[at : at + 1])
                keys[:, :, at : at + 1], values[:, :, at : at + 1] = (
                    k.repeat_interleave(groups, 1),
                    v.repeat_interleave(groups, 1),
                )
                x = block.finish(x, attention(q, keys[:, :, : at + 1], values[:, :, : at + 1], causal=False))
        answers = torch.stack(chosen, dim=1).cpu().tolist()
        return [tokens[: tokens.index(vocab.TURN_END)] if vocab.TURN_END in tokens else tokens for tokens in answers]


_NAMES = {
    "patch_embd": "v.patch_embd", "position_embd": "v.position_embd.weight", "post_ln": "v.post_ln",
    "merge_in": "mm.0", "merge_out": "mm.2", "token_embd": "token_embd.weight", "output_norm": "output_norm",
}  # fmt: skip


def gguf_name(parameter: str) -> str:
    """The GGUF tensor name of a parameter of Detector."""
    head, _, rest = parameter.partition(".")
    head = {"vision": "v.blk", "language": "blk"}.get(head) or _NAMES[head]
    return f"{head}.{rest}" if rest else head


def in_mmproj(name: str) -> bool:
    return name.startswith(("v.", "mm."))


def _shape_of(model: GgufFile, mmproj: GgufFile) -> Shape:
    llm = {key.partition(".")[2]: value.value for key, value in model.metadata.items() if key.startswith("qwen3vl.")}
    vit = {key[len("clip.vision.") :]: value.value for key, value in mmproj.metadata.items() if "clip.vision." in key}
    sections = list(llm["rope.dimension_sections"])
    if sections != [11, 11, 10, 0] or llm["rope.freq_base"] != ROPE_BASE or llm.get("n_deepstack_layers", 0) != 0:
        raise ValueError("the language model's positions are not the ones that this code computes")
    return Shape(
        vision_width=vit["embedding_length"], vision_layers=vit["block_count"],
        vision_heads=vit["attention.head_count"], vision_feed_forward=vit["feed_forward_length"],
        patch=vit["patch_size"], grid=vit["image_size"] // vit["patch_size"], width=llm["embedding_length"],
        layers=llm["block_count"], heads=llm["attention.head_count"], kv_heads=llm["attention.head_count_kv"],
        head=llm["attention.key_length"], feed_forward=llm["feed_forward_length"],
        vocabulary=len(model.get("tokenizer.ggml.tokens")),
    )  # fmt: skip


def load_pair(folder: str | Path, weights: bool = True) -> Detector:
    """The detector of the GGUF pair in a folder; with `weights` false only its shape, freshly initialised."""
    model, mmproj = read_gguf(Path(folder) / MODEL_FILE), read_gguf(Path(folder) / MMPROJ_FILE)
    vocab.check_tokens(model.get("tokenizer.ggml.tokens"))
    detector = Detector(_shape_of(model, mmproj))
    if not weights:
        return detector
    tensors = {**model.tensors, **mmproj.tensors}
    kernel = tensors.pop("v.patch_embd.weight") + tensors.pop("v.patch_embd.weight.1")
    tensors["v.patch_embd.weight"] = kernel.reshape(len(kernel), -1)
    state = {}
    for name in detector.state_dict():
        state[name] = torch.from_numpy(tensors.pop(gguf_name(name)))
    if tensors:
        raise ValueError(f"tensors without a place in the detector: {sorted(tensors)}")
    detector.load_state_dict(state)
    return detector


def save_pair(folder: str | Path, state: dict[str, Tensor], template: str | Path, kind: str) -> None:
    """Writes weights as a GGUF pair of kind "f32", "f16" or "q8_0", with the metadata of the pair in `template`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    for name, tensor in state.items():
        arrays[gguf_name(name)] = tensor.detach().float().cpu().numpy()
    for file_name in (MODEL_FILE, MMPROJ_FILE):
        source = read_gguf(Path(template) / file_name)
        result = GgufFile(metadata=dict(source.metadata))
        result.metadata["general.name"] = Value(STRING, MODEL_NAME)
        result.metadata["general.file_type"] = Value(UINT32, FILE_TYPES[kind])
        if file_name == MODEL_FILE:
            result.metadata["holoscope.labels"] = Value(ARRAY, list(vocab.LABELS), STRING)
            result.metadata["holoscope.label_colours"] = Value(ARRAY, list(vocab.LABEL_COLOURS), STRING)
            # What was measured of the template's confidence does not hold for other weights.
            for key in [key for key in result.metadata if key.startswith("holoscope.confidence.")]:
                del result.metadata[key]
        for name, old in source.tensors.items():
            # The second kernel is for a second frame; the sum of both is kept in the first one.
            tensor = np.zeros_like(old) if name == "v.patch_embd.weight.1" else arrays[name].reshape(old.shape)
            result.tensors[name] = tensor
            result.types[name] = _stored_type(name, tensor, kind)
        write_gguf(folder / file_name, result)


def _stored_type(name: str, tensor: np.ndarray, kind: str) -> int:
    """Vectors and the position grid stay f32; the patch kernel is f16 at best, as ggml has no quantised convolution."""
    if kind == "f32" or tensor.ndim < 2 or name == "v.position_embd.weight":
        return GGML_F32
    return GGML_F16 if kind == "f16" or tensor.ndim > 2 else GGML_Q8_0
