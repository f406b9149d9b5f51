"""How well a detector does on screens that it was not trained on: loss, labels, and boxes of its own answers.

    python3 training/detector/evaluate.py --model resources/models/nano --data FOLDER [--split validation] [--screens N]
"""
from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))
import vocabulary as vocab  # noqa: E402
from batches import make_batch  # noqa: E402
from data import Screen, open_screen, read_split  # noqa: E402
from losses import AnswerLoss  # noqa: E402
from model import Detector, load_pair  # noqa: E402

MATCH_IOU = 0.5


def precision(device: torch.device):
    """bf16 on a GPU, full precision elsewhere."""
    return torch.autocast("cuda", dtype=torch.bfloat16) if device.type == "cuda" else contextlib.nullcontext()


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union [n,m] of boxes [n,4] and [m,4]."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)


def matches(found: np.ndarray, true: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (found, true) of at least MATCH_IOU, each box once, the best overlaps first."""
    iou = overlaps(found, true)
    pairs, used_found, used_true = [], set(), set()
    for flat in np.argsort(-iou, axis=None, kind="stable"):
        a, b = divmod(int(flat), iou.shape[1])
        if iou[a, b] < MATCH_IOU:
            break
        if a not in used_found and b not in used_true:
            pairs.append((a, b))
            used_found.add(a)
            used_true.add(b)
    return pairs


class Validation:
    """A few screens as they are, each image size in batches of its own."""

    def __init__(self, screens: list[Screen], device: torch.device, at_once: int = 8, most_elements: int = 320) -> None:
        self.device = device
        self.loss = AnswerLoss().to(device)
        by_size: dict[tuple[int, ...], list[Screen]] = defaultdict(list)
        for screen in screens:
            by_size[screen.pixels.shape].append(screen)
        self.groups = [
            (group[start : start + at_once], make_batch(group[start : start + at_once], most_elements))
            # The commonest sizes first: a greedy answer takes as long for eight screens at once as for one.
            for group in sorted(by_size.values(), key=len, reverse=True)
            for start in range(0, len(group), at_once)
        ]

    @torch.no_grad()
    def teacher_forced(self, detector: Detector) -> dict[str, float]:
        """Mean loss of a token, and the share of labels that are right when all before them was."""
        losses, right, labels = [], 0, 0
        for _, batch in self.groups:
            images = torch.from_numpy(batch.images).to(self.device)
            answers = torch.from_numpy(batch.answers).to(self.device).long()
            with precision(self.device):
                logits, _ = detector(images, answers.clamp_min(0))
            loss, _ = self.loss(logits, answers, 0.1)
            losses.append((float(loss), int((answers >= 0).sum())))
            is_label = (answers >= vocab.LABEL_MORE) & (answers < vocab.COORDINATE_COMMA)
            same = (logits.argmax(-1) - answers) % len(vocab.LABELS) == 0
            chosen = logits.argmax(-1)
            same &= (chosen >= vocab.LABEL_MORE) & (chosen < vocab.COORDINATE_COMMA)
            right += int((same & is_label).sum())
            labels += int(is_label.sum())
        tokens = max(1, sum(count for _, count in losses))
        return {
            "loss": sum(loss * count for loss, count in losses) / tokens,
            "label_accuracy": right / max(1, labels),
        }

    @torch.no_grad()
    def greedy(self, detector: Detector, most_screens: int, most_tokens: int = 1000) -> dict[str, float]:
        """F1 of boxes at IoU 0.5, with any label and with the right one; share of interactive elements with a hit.

        A hit is a box whose centre lies inside the element.
        """
        found_count = true_count = matched = labelled = hits = interactive = seen = 0
        names = [label in vocab.INTERACTIVE for label in vocab.LABELS]
        for screens, batch in self.groups:
            if seen >= most_screens:
                break
            seen += len(screens)
            height, width = batch.images.shape[1:3]
            with precision(self.device):
                answers = detector.generate(torch.from_numpy(batch.images).to(self.device), most_tokens)
            for screen, answer in zip(screens, answers):
                boxes, labels = vocab.decode_answer(answer, width, height)
                pairs = matches(boxes, screen.boxes)
                found_count, true_count, matched = found_count + len(boxes), true_count + len(screen.boxes), matched + len(pairs)
                labelled += sum(labels[a] == screen.labels[b] for a, b in pairs)
                centres = (boxes[:, :2] + boxes[:, 2:]) / 2
                for box, label in zip(screen.boxes, screen.labels):
                    if names[label]:
                        interactive += 1
                        hits += bool(((centres >= box[:2]) & (centres <= box[2:])).all(axis=1).any())
        both = max(1, found_count + true_count)
        return {
            "screens": seen, "found": found_count, "elements": true_count, "f1": 2 * matched / both,
            "f1_labelled": 2 * labelled / both, "recall": matched / max(1, true_count),
            "centre_hits": hits / max(1, interactive),
        }  # fmt: skip


def validation_screens(folders: list[Path], split: str, most: int) -> list[Screen]:
    """Up to `most` screens, spread evenly over the split; sides must be multiples of 32 px."""
    files = [file for folder in folders for file in read_split(folder, split)]
    files = [file for file in files if file.width % vocab.CELL == 0 and file.height % vocab.CELL == 0]
    chosen = np.unique(np.linspace(0, len(files) - 1, min(most, len(files))).astype(int)) if files else []
    return [open_screen(files[index]) for index in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a GGUF pair")
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--screens", type=int, default=64)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    device = torch.device(options.device)
    detector = load_pair(options.model).to(device).eval()
    validation = Validation(validation_screens(options.data, options.split, options.screens), device)
    start = time.time()
    result = {**validation.teacher_forced(detector), **validation.greedy(detector, options.screens)}
    print(json.dumps({key: round(value, 4) for key, value in result.items()}), f"{time.time() - start:.1f} s")


if __name__ == "__main__":
    main()
