"""What is learned: the answer's tokens, and in training only what lies in each cell of the image."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import vocabulary as vocab

HARD_SHARE = 0.25
"""Of a coordinate's target that stays on the exact bin; the rest is spread over its neighbours."""
_PADDING = -1


class AnswerLoss(nn.Module):
    """Cross-entropy of answers; a coordinate's target is a Gaussian over the bins about the true one."""

    def __init__(self) -> None:
        super().__init__()
        bin_of = torch.full((vocab.SIZE,), -1, dtype=torch.long)
        bin_of[torch.from_numpy(vocab.COMMA_TOKENS)] = torch.arange(vocab.BINS)
        bin_of[torch.from_numpy(vocab.BARE_TOKENS)] = torch.arange(vocab.BINS)
        self.register_buffer("bin_of", bin_of, persistent=False)
        self.register_buffer("bare", torch.from_numpy(vocab.BARE_TOKENS), persistent=False)

    def forward(self, logits: Tensor, answers: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """The mean loss of a token, and that of a hard target. `logits` [n, 2 + 5k, vocabulary], `answers` padded."""
        known = answers != _PADDING
        target = answers.clamp_min(0)
        log = F.log_softmax(logits.float(), dim=-1)
        hard = -log.gather(2, target[:, :, None])[:, :, 0]
        # Behind the first token come groups of five: three coordinates with a comma, one without, one label.
        batch, elements = answers.shape[0], (answers.shape[1] - 2) // 5
        groups = log[:, 1 : 1 + 5 * elements].view(batch, elements, 5, -1)
        comma = groups[:, :, :3, vocab.COORDINATE_COMMA : vocab.COORDINATE_COMMA + vocab.BINS]
        bare = groups[:, :, 3].index_select(2, self.bare)
        bins = self.bin_of[target[:, 1 : 1 + 5 * elements].view(batch, elements, 5)]
        steps = torch.arange(vocab.BINS, device=logits.device)
        soft_parts = []
        for log_bins, true_bin in ((comma, bins[:, :, :3]), (bare, bins[:, :, 3])):
            spread = torch.softmax(-((steps - true_bin[..., None]).float() ** 2) / (2 * sigma**2), dim=-1)
            soft_parts.append(-(spread * log_bins).sum(-1))
        soft = torch.cat((soft_parts[0], soft_parts[1][:, :, None]), dim=2)
        plain = hard[:, 1 : 1 + 5 * elements].view(batch, elements, 5)
        is_bin = bins[:, :, :4] >= 0
        mixed = torch.where(is_bin, HARD_SHARE * plain[:, :, :4] + (1 - HARD_SHARE) * soft, plain[:, :, :4])
        mixed = torch.cat((mixed, plain[:, :, 4:]), dim=2).flatten(1)
        loss = torch.cat((hard[:, :1], mixed, hard[:, 1 + 5 * elements :]), dim=1)
        count = known.sum().clamp_min(1)
        return (loss * known).sum() / count, ((hard * known).sum() / count).detach()


class DenseHead(nn.Module):
    """Says of each image token whether an element has its centre there, which one, and where its sides are."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width)
        self.out = nn.Linear(width, 1 + len(vocab.LABELS) + 4)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, seen: Tensor, cell_labels: Tensor, cell_boxes: Tensor) -> Tensor:
        """The loss. `seen` [n, cells, width]; labels and boxes as in batches.Batch."""
        out = self.out(F.gelu(self.hidden(seen))).float()
        filled = (cell_labels >= 0).float()
        count = filled.sum().clamp_min(1)
        presence = F.binary_cross_entropy_with_logits(out[..., 0], filled)
        classes = out[..., 1 : 1 + len(vocab.LABELS)]
        label = F.cross_entropy(classes.flatten(0, 1), cell_labels.long().clamp_min(0).flatten(), reduction="none")
        # Distances reach from a few px to the whole screen: their logarithms are learned.
        wanted = torch.sign(cell_boxes) * torch.log1p(4 * cell_boxes.abs())
        sides = F.smooth_l1_loss(out[..., -4:], wanted, reduction="none", beta=0.1).mean(-1)
        return 4 * presence + ((label + 2 * sides.flatten()) * filled.flatten()).sum() / count
