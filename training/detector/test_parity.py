"""The PyTorch model against the app's engine (llama.cpp): the same prompt tokens, the same greedy answer.

    python3 training/detector/test_parity.py [--model resources/models/nano] [image ...]

Needs the app's native addon (`npm run build:native`) and Node. Ends with 1 if anything differs.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))
import vocabulary as vocab  # noqa: E402
from model import Detector, load_pair, save_pair  # noqa: E402

ROOT = Path(__file__).parents[2]
LARGEST_GAP = {"f32": 0.0, "f16": 0.05}
"""How far (in logits) the engine's choice may lie below PyTorch's. With f16 weights llama.cpp rounds the factors of its
products to f16 as well, which may turn a choice between two neighbouring coordinates that are all but equal."""


def engine_answers(pair: Path, images: list[Path], folder: Path) -> dict:
    script = ROOT / "training/detector/engine_tokens.ts"
    command = ["npx", "--no-install", "tsx", str(script), str(pair), str(folder), *map(str, images)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return json.loads((folder / "tokens.json").read_text())


def compare(kind: str, detector: Detector, engine: dict, folder: Path) -> list[str]:
    """What differs, as sentences."""
    errors = []
    before, after = engine["promptPieces"]
    if [*before, vocab.VISION_START] != vocab.PROMPT_BEFORE_IMAGE or [vocab.VISION_END, *after] != vocab.PROMPT_AFTER_IMAGE:
        errors.append(f"{kind}: the prompt's tokens differ: {engine['promptPieces']}")
    for index, answer in enumerate(engine["answers"]):
        width, height, expected = answer["width"], answer["height"], answer["tokens"]
        text = len(vocab.PROMPT_BEFORE_IMAGE) + len(vocab.PROMPT_AFTER_IMAGE)
        if (answer["textTokens"], answer["imageTokens"]) != (text, width * height // vocab.CELL**2):
            errors.append(f"{kind}: {answer['image']}: the engine counts {answer['textTokens']} prompt tokens, not {text}")
        pixels = np.fromfile(folder / f"{index}.rgb", np.uint8).reshape(1, height, width, 3)
        images = torch.from_numpy(pixels)
        with_end = [*(expected[: expected.index(vocab.TURN_END)] if vocab.TURN_END in expected else expected), vocab.TURN_END]
        with torch.no_grad():
            logits = detector(images, torch.tensor([with_end]))[0][0]
        # Fed with the engine's answer, every first choice is the engine's: that is the same as an equal greedy answer.
        chosen = logits[torch.arange(len(with_end)), torch.tensor(with_end)]
        gaps = logits.max(dim=1).values - chosen
        gap, differing = float(gaps.max()), int((gaps > 0).sum())
        print(f"{kind}: {answer['image']}: {width}x{height}, {len(with_end)} tokens, {differing} differ, by {gap:.4f} at most")
        if gap > LARGEST_GAP[kind] or answer["overruled"] != 0:
            at = int(gaps.argmax())
            errors.append(f"{kind}: {answer['image']}: token {at}: engine {with_end[at]}, PyTorch {int(logits[at].argmax())}")
        boxes, labels = vocab.decode_answer(with_end, width, height)
        again = [*vocab.encode_answer(boxes, labels, width, height).tolist(), vocab.TURN_END]
        if again != with_end:
            errors.append(f"{kind}: {answer['image']}: the answer's boxes do not become the same tokens again")
        if kind == "f32" and index == 0 and detector.generate(images, len(with_end) + 1)[0] != with_end[:-1]:
            errors.append(f"{kind}: {answer['image']}: generate() writes another answer")
        if len(expected) < 6:
            errors.append(f"{kind}: {answer['image']}: the engine found nothing, so that nothing is compared")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "resources/models/nano")
    parser.add_argument("images", type=Path, nargs="*", default=sorted((ROOT / "resources/samples").glob("*.png")))
    options = parser.parse_args()
    detector = load_pair(options.model)
    errors = []
    with tempfile.TemporaryDirectory() as temporary:
        for kind in ("f32", "f16"):
            pair, results = Path(temporary) / f"pair-{kind}", Path(temporary) / f"results-{kind}"
            results.mkdir()
            save_pair(pair, detector.state_dict(), options.model, kind)
            engine = engine_answers(pair.resolve(), [image.resolve() for image in options.images], results)
            errors += compare(kind, load_pair(pair).eval(), engine, results)
    for error in errors:
        print(error, file=sys.stderr)
    print("FAILED" if errors else "the same tokens in PyTorch and in the app's engine: f32 all, f16 but for ties")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
