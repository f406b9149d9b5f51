"""GGUF pairs of a detector's weights, and the f16 pair in parts that are small enough to be sent one by one.

    python3 training/detector/export.py --from FOLDER --out FOLDER --kind q8_0      another kind of the same pair
    python3 training/detector/export.py --join FOLDER --out FOLDER                  the f16 pair from its parts
"""
from __future__ import annotations

import argparse
import io
import sys
import tarfile
from pathlib import Path

from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from model import FILE_TYPES, MMPROJ_FILE, MODEL_FILE, load_pair, save_pair  # noqa: E402

PART_BYTES = 15 << 20


def export_all(folder: Path, parts: Path, state: dict[str, Tensor], template: Path) -> None:
    """Writes `q8_0/`, `f16/` and `f32/` into a folder, and the parts of the f16 pair."""
    for kind in ("q8_0", "f16", "f32"):
        save_pair(folder / kind, state, template, kind)
    split(folder / "f16", parts)


def split(pair: Path, parts: Path) -> list[Path]:
    """A tar archive of a pair, in files `f16.tar.0`, `f16.tar.1` and so on of at most PART_BYTES."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in (MODEL_FILE, MMPROJ_FILE):
            tar.add(pair / name, arcname=name)
    data = archive.getvalue()
    parts.mkdir(parents=True, exist_ok=True)
    for old in parts.glob("f16.tar.*"):
        old.unlink()
    files = []
    for number, start in enumerate(range(0, len(data), PART_BYTES)):
        files.append(parts / f"f16.tar.{number}")
        files[-1].write_bytes(data[start : start + PART_BYTES])
    return files


def join(parts: Path, pair: Path) -> None:
    """The pair from the parts that split() wrote."""
    files = sorted(parts.glob("f16.tar.*"), key=lambda file: int(file.suffix[1:]))
    if not files:
        raise SystemExit(f"{parts} has no parts f16.tar.0, f16.tar.1, ...")
    pair.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(b"".join(file.read_bytes() for file in files))) as tar:
        for name in (MODEL_FILE, MMPROJ_FILE):
            member = tar.extractfile(name)
            if member is None:
                raise SystemExit(f"the parts hold no {name}")
            (pair / name).write_bytes(member.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--from", dest="pair", type=Path, help="folder of a GGUF pair")
    source.add_argument("--join", type=Path, help="folder of parts")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=sorted(FILE_TYPES), default="q8_0")
    options = parser.parse_args()
    if options.join is not None:
        join(options.join, options.out)
    else:
        save_pair(options.out, load_pair(options.pair).state_dict(), options.pair, options.kind)


if __name__ == "__main__":
    main()
