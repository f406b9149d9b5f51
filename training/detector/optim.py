"""Muon for the matrices inside the network, AdamW for the rest, the schedule of their step sizes, and a moving average.

Muon: Keller Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024): the momentum of a matrix is
replaced by the nearest orthogonal one, found by a Newton-Schulz iteration.
"""
from __future__ import annotations

import math
from collections import defaultdict

import torch
from torch import Tensor, nn

from model import Detector, stored_q8_0

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """The matrices [n, rows, columns] with all singular values brought near 1."""
    a, b, c = _COEFFICIENTS
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.transpose(-1, -2)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(-1, -2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.transpose(-1, -2) if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Steps all matrices of one shape at once. A fused query-key-value matrix counts as three."""

    def __init__(self, matrices: dict[str, nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(list(matrices.values()), {"lr": lr, "momentum": momentum})
        self._thirds = {id(p) for name, p in matrices.items() if name.endswith("attn_qkv.weight")}

    def _parts(self, parameter: nn.Parameter, tensor: Tensor) -> tuple[Tensor, ...]:
        return tensor.chunk(3) if id(parameter) in self._thirds else (tensor,)

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = defaultdict(list)
            used = [p for p in group["params"] if p.grad is not None]
            grads = [p.grad for p in used]
            for parameter in used:
                if "momentum" not in self.state[parameter]:
                    self.state[parameter]["momentum"] = torch.zeros_like(parameter)
            momenta = [self.state[p]["momentum"] for p in used]
            keep = group["momentum"]
            torch._foreach_mul_(momenta, keep)
            torch._foreach_add_(momenta, grads, alpha=1 - keep)
            ahead = torch._foreach_mul(momenta, keep)
            torch._foreach_add_(ahead, grads, alpha=1 - keep)
            for parameter, direction in zip(used, ahead):
                for part, towards in zip(self._parts(parameter, parameter), self._parts(parameter, direction)):
                    by_shape[tuple(part.shape)].append((part, towards))
            for (rows, columns), pairs in by_shape.items():
                updates = orthogonal(torch.stack([towards for _, towards in pairs]))
                scale = group["lr"] * math.sqrt(max(1.0, rows / columns))
                torch._foreach_add_([part for part, _ in pairs], list(updates.unbind()), alpha=-scale)


def make_optimisers(detector: Detector, head: nn.Module, lr_muon: float, lr_adam: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers and of the merger; AdamW for embeddings, norms, biases and the dense head."""
    matrices = {
        name: p for name, p in detector.named_parameters()
        if p.ndim == 2 and name.startswith(("vision.", "language.", "merge_"))
    }  # fmt: skip
    chosen = {id(p) for p in matrices.values()}
    rest = [p for p in detector.parameters() if id(p) not in chosen] + list(head.parameters())
    adam = torch.optim.AdamW(rest, lr=lr_adam, betas=(0.9, 0.98), eps=1e-10, weight_decay=0.0)
    return [Muon(matrices, lr_muon), adam]


def schedule(step: int, warm_up: int, progress: float, flat: float = 0.4, least: float = 0.01) -> float:
    """Factor of the step size: up over `warm_up` steps, then flat, then a cosine down to `least` at progress 1."""
    rise = min(1.0, (step + 1) / warm_up) if warm_up > 0 else 1.0
    if progress <= flat:
        return rise
    fall = min(1.0, (progress - flat) / (1 - flat))
    return rise * (least + (1 - least) * 0.5 * (1 + math.cos(math.pi * fall)))


class Average:
    """Exponential moving average of a detector's weights."""

    def __init__(self, detector: Detector, decay: float) -> None:
        self.decay = decay
        self.values = {name: p.detach().clone() for name, p in detector.named_parameters()}

    @torch.no_grad()
    def update(self, detector: Detector, step: int) -> None:
        """Early averages reach less far back, so that they do not hold on to the beginning."""
        decay = min(self.decay, (step + 1) / (step + 10))
        values = list(self.values.values())
        torch._foreach_mul_(values, decay)
        torch._foreach_add_(values, [p.detach() for p in detector.parameters()], alpha=1 - decay)


class StoredWeights:
    """While active, the detector computes with its matrices as q8_0 stores them; gradients go to the exact ones."""

    def __init__(self, detector: Detector) -> None:
        self._parameters = detector.quantised_parameters()
        self._exact: list[Tensor] = []

    @torch.no_grad()
    def __enter__(self) -> None:
        self._exact = [p.detach().clone() for p in self._parameters]
        for parameter in self._parameters:
            parameter.copy_(stored_q8_0(parameter))

    @torch.no_grad()
    def __exit__(self, *_: object) -> None:
        for parameter, exact in zip(self._parameters, self._exact):
            parameter.copy_(exact)
        self._exact = []
