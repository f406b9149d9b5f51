#!/usr/bin/env python3
"""Tests of the procedural screens. Run: python3 training/detector/test_procedural.py"""

import collections
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from procedural import CELL, LABELS, MOST_CELLS, draw, order, screen  # noqa: E402
from procedural_canvas import PASSIVE, Screen  # noqa: E402

SCREENS = 200


def test_screens():
    """Sizes, boxes, order, labels, and that each element can be seen in the pixels."""
    labels, sizes, flat, total = collections.Counter(), collections.Counter(), 0, 0
    for seed in range(SCREENS):
        image, elements = draw(np.random.default_rng(seed))
        height, width, channels = image.shape
        assert image.dtype == np.uint8 and channels == 3
        assert width % CELL == 0 and height % CELL == 0 and width * height <= MOST_CELLS * CELL * CELL, (seed, width, height)
        sizes[width, height] += 1
        keys = [order(e["bbox"]) for e in elements]
        assert keys == sorted(keys), f"seed {seed}: not in raster order"
        for e in elements:
            x1, y1, x2, y2 = e["bbox"]
            assert 0 <= x1 and x1 + 3 < x2 <= width and 0 <= y1 and y1 + 3 < y2 <= height, (seed, e)
            assert e["label"] in LABELS, e
            assert e["label"] == "icon" or e["interactive"] == (e["label"] not in PASSIVE), e
            labels[e["label"]] += 1
            total += 1
            part = image[max(0, int(y1) - 2) : int(y2) + 2, max(0, int(x1) - 2) : int(x2) + 2].reshape(-1, 3).astype(int)
            flat += int((part.max(0) - part.min(0)).max() < 8)
    missing = [name for name in LABELS if not labels[name]]
    assert not missing, f"never drawn: {missing}"
    assert len(sizes) > 12, sizes
    # A row of an empty list or a cell of a plain grid may show nothing of its own; a hidden or misplaced element would show nothing either.
    assert flat <= 0.005 * total, f"{flat} of {total} elements show nothing"
    return f"{SCREENS} screens, {total} elements, {flat} without a visible edge, {len(sizes)} sizes"


def test_nothing_hidden():
    """By an own count of which surface owns each pixel: whatever is listed belongs to the uppermost surface in half of its box at least."""
    covered = 0
    for seed in range(60):
        s, _, _ = screen(seed)
        listed = {tuple(e[:4]) for e in s.visible()}
        for x1, y1, x2, y2, _, _, layer in s.entries:
            own = sum(int((s.owner[y, x1:x2] == layer).sum()) for y in range(y1, y2))
            if own * 2 < (x2 - x1) * (y2 - y1):
                covered += 1
            elif own == (x2 - x1) * (y2 - y1) and min(x2 - x1, y2 - y1) >= 4:
                assert (x1, y1, x2, y2) in listed, (seed, x1, y1, x2, y2)
    assert covered > 100, "no screen had anything covered: the test tests nothing"
    return f"{covered} covered elements left out"


def test_cover_rule():
    """Wholly covered and mostly covered elements go, partly covered ones are cut, later surfaces count."""
    s = Screen(320, 320, (255, 255, 255))
    s.cover((0, 0, 320, 320))
    s.add("button", (10, 10, 50, 30))
    s.add("text", (100, 100, 200, 120))
    s.add("list_item", (0, 200, 200, 220))
    s.cover((0, 0, 60, 60))
    s.cover((140, 90, 220, 130))
    s.add("heading", (150, 95, 210, 110))
    s.cover((150, 150, 320, 320))
    got = {(e[4], e[:4]) for e in s.visible()}
    assert got == {("list_item", (0, 200, 150, 220)), ("heading", (150, 95, 210, 110))}, got
    with s.clip((160, 160, 200, 200)):
        s.add("link", (150, 170, 190, 180))
        s.add("input", (120, 182, 170, 190))
    assert ("link", (160, 170, 190, 180)) in {(e[4], e[:4]) for e in s.visible()}
    assert "input" not in {e[4] for e in s.visible()}
    return "covered and clipped boxes"


def test_same_seed_same_screen():
    for seed in (3, 17, 99):
        first, again, other = (draw(np.random.default_rng(n)) for n in (seed, seed, seed + 1000))
        assert np.array_equal(first[0], again[0]) and first[1] == again[1]
        assert first[1] != other[1]
    generator = np.random.default_rng(5)
    assert draw(generator)[1] != draw(generator)[1], "one generator must go on to other screens"
    return "three seeds"


if __name__ == "__main__":
    failed = 0
    tests = [(name, value) for name, value in sorted(globals().items()) if name.startswith("test_")]
    for name, test in tests:
        try:
            print(f"ok   {name}: {test()}")
        except AssertionError as error:
            failed += 1
            print(f"FAIL {name}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
