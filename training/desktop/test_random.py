#!/usr/bin/env python3
"""Tests of the random windows, through the command line of both generators. Run: python3 training/desktop/test_random.py"""

import collections
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "detector"))
from procedural import CELL, LABELS, MOST_CELLS, order  # noqa: E402

SCREENS = 60
# A window of a few fields has no tabs, and no toolkit draws what it lacks.
RARE = 2


def generate(family: str, folder: Path, seed: int) -> list[dict]:
    command = [sys.executable, str(HERE / f"random_{family}.py"), "--out", str(folder), "--count", str(SCREENS), "--seed", str(seed), "--quality", "90"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
    return [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]


def check(family: str) -> str:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as again, tempfile.TemporaryDirectory() as other:
        screens = generate(family, Path(first), 1)
        assert len({screen["image"] for screen in screens}) == len(screens) == SCREENS
        repeated, another = generate(family, Path(again), 1), generate(family, Path(other), 2)
        assert repeated == screens, "the same seed gave other screens"
        assert [s["elements"] for s in another] != [s["elements"] for s in screens], "another seed gave the same screens"
        labels, flat, total = collections.Counter(), 0, 0
        for screen in screens:
            width, height = screen["width"], screen["height"]
            assert width % CELL == 0 and height % CELL == 0 and width * height <= MOST_CELLS * CELL * CELL, screen["image"]
            with Image.open(Path(first) / screen["image"]) as image:
                pixels = np.asarray(image.convert("RGB")).astype(int)
            assert pixels.shape == (height, width, 3), screen["image"]
            assert screen["split"] == "train" and screen["library"].startswith(family)
            keys = [order(element["bbox"]) for element in screen["elements"]]
            assert keys == sorted(keys), f"{screen['image']}: not in raster order"
            for element in screen["elements"]:
                x1, y1, x2, y2 = element["bbox"]
                assert 0 <= x1 and x1 + 4 <= x2 <= width + 0.01 and 0 <= y1 and y1 + 4 <= y2 <= height + 0.01, (screen["image"], element)
                assert element["label"] in LABELS, element
                labels[element["label"]] += 1
                total += 1
                part = pixels[max(0, int(y1) - 2) : math.ceil(y2) + 2, max(0, int(x1) - 2) : math.ceil(x2) + 2].reshape(-1, 3)
                flat += int((part.max(0) - part.min(0)).max() < 8)
        missing = [name for name in LABELS if not labels[name]]
        assert len(missing) <= RARE, f"never drawn: {missing}"
        assert flat <= 0.01 * total, f"{flat} of {total} elements show nothing"
        return f"{SCREENS} screens, {total} elements, {flat} without a visible edge, never drawn: {', '.join(missing) or 'none'}"


if __name__ == "__main__":
    for family in ("gtk", "qt"):
        print(f"{family}: {check(family)}", flush=True)
