"""Where training screens come from, as train.py and preview.py are told on the command line."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from batches import DrawScreen
from data import ScreenStore, read_split


def sources(folders: Sequence[Path], procedural_share: float) -> tuple[list[ScreenStore], DrawScreen | None]:
    """Stores of the folders' training screens, and the drawing function if a share of the screens is to be drawn."""
    stores = []
    for folder in folders:
        files = read_split(folder, "train")
        if not files:
            raise SystemExit(f"{folder} has no screens to train on: there is no train.jsonl, or it is empty")
        stores.append(ScreenStore(files))
    if procedural_share <= 0:
        return stores, None
    # Only now: drawing is not needed for training on folders alone.
    from procedural import draw

    return stores, draw
