"""Draws a training batch with its boxes into one picture: `python3 preview.py out.png [--data FOLDER ...] [--number N]`."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent))
import vocabulary as vocab  # noqa: E402
from batches import BatchMaker, BatchOptions  # noqa: E402
from train_sources import sources  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--procedural", type=float, default=0.5)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stores, draw = sources(options.data, options.procedural)
    maker = BatchMaker(
        BatchOptions(seed=options.seed, patches=15_000, procedural_share=options.procedural), stores, draw
    )
    batch = maker.make(options.number)
    height, width = batch.images.shape[1:3]
    pictures = []
    for pixels, answer in zip(batch.images[:4], batch.answers[:4]):
        picture = Image.fromarray(pixels)
        pen = ImageDraw.Draw(picture)
        boxes, labels = vocab.decode_answer([int(token) for token in answer if token >= 0], width, height)
        for box, label in zip(boxes, labels):
            pen.rectangle(tuple(box), outline=(255, 0, 80))
            pen.text((box[0] + 2, box[1] + 1), vocab.LABELS[label], fill=(0, 120, 255))
        pictures.append(np.asarray(picture))
    half = len(pictures) // 2
    sheet = np.concatenate([np.concatenate(pictures[:half], 1), np.concatenate(pictures[half : 2 * half], 1)]) if half else pictures[0]
    Image.fromarray(sheet).save(options.out)
    print(f"{len(batch.images)} images of {width}x{height}", *maker.failures, sep="\n")


if __name__ == "__main__":
    main()
