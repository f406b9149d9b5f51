"""Quick checks of the training code on a CPU: `python3 training/detector/test_train.py`. Ends with 1 if one fails."""
from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent))
import augment  # noqa: E402
import train  # noqa: E402
import vocabulary as vocab  # noqa: E402
from batches import BatchMaker, BatchOptions, make_batch  # noqa: E402
from data import Screen, ScreenStore, read_split  # noqa: E402
from evaluate import Validation, matches  # noqa: E402
from export import export_all, join  # noqa: E402
from gguf_file import dequantize_q8_0, quantize_q8_0, read_gguf  # noqa: E402
from losses import AnswerLoss, DenseHead  # noqa: E402
from model import Detector, gguf_name, load_pair, save_pair, stored_q8_0  # noqa: E402
from optim import Average, Muon, StoredWeights, make_optimisers, orthogonal  # noqa: E402

WIDTH, HEIGHT = 192, 128


def draw_folder(folder: Path, screens: int = 4) -> None:
    """Screens with a few rectangles, as a data folder with both splits."""
    rng = np.random.default_rng(5)
    lines = []
    for number in range(screens):
        image = Image.new("RGB", (WIDTH, HEIGHT), tuple(rng.integers(150, 256, 3).tolist()))
        pen, elements = ImageDraw.Draw(image), []
        for slot in range(4):
            x, y = 10 + 90 * (slot % 2) + int(rng.integers(0, 20)), 8 + 60 * (slot // 2) + int(rng.integers(0, 20))
            box = [x, y, x + int(rng.integers(20, 60)), y + int(rng.integers(12, 30))]
            pen.rectangle(box, fill=tuple(rng.integers(0, 120, 3).tolist()))
            label = vocab.LABELS[int(rng.integers(0, len(vocab.LABELS)))]
            elements.append({"bbox": box, "label": label, "interactive": True})
        image.save(folder / f"{number}.png")
        lines.append(json.dumps({"image": f"{number}.png", "width": WIDTH, "height": HEIGHT, "elements": elements}))
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")


def options_for(folder: Path, out: Path, *more: str):
    return ["--data", str(folder), "--procedural", "0", "--out", str(out), "--workers", "2", "--patches", "384",
            "--device", "cpu", "--validate-every", "1e9", "--checkpoint-every", "1e9", *more]  # fmt: skip


def test_q8_0_is_ggmls(_: Path) -> None:
    """By the rule of quantize_row_q8_0_ref, number by number, with halves that round away from zero."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(64, 32)).astype(np.float32)
    values[0] = 0
    values[1] = 127 * np.sign(values[1])
    values[1, :6] = [0.5, -0.5, 1.5, -2.5, 126.5, -126.5]
    blocks = quantize_q8_0(values)
    for row, block in zip(values, blocks):
        d = np.float32(np.abs(row).max() / np.float32(127))
        inverse = np.float32(1) / d if d else np.float32(0)
        for value, number in zip(row, block["qs"]):
            scaled = float(np.float32(value) * inverse)
            rounded = int(abs(scaled) + 0.5) * (1 if scaled >= 0 else -1)
            assert number == rounded, (value, scaled, number, rounded)
        assert block["d"] == np.float16(d)
    assert blocks[1]["qs"][:6].tolist() == [1, -1, 2, -3, 127, -127]
    back = dequantize_q8_0(blocks, values.shape)
    assert np.abs(back - values).max() <= np.abs(values).max() / 127
    torch_back = stored_q8_0(torch.from_numpy(values[2:])).numpy()
    assert np.array_equal(torch_back, back[2:])


def test_f32_pair_is_exact(folder: Path) -> None:
    torch.manual_seed(3)
    detector = load_pair(train.BUNDLED, weights=False)
    for parameter in detector.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    save_pair(folder / "f32", detector.state_dict(), train.BUNDLED, "f32")
    again = load_pair(folder / "f32")
    for name, value in detector.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    metadata = read_gguf(folder / "f32/model.gguf").metadata
    assert metadata["holoscope.labels"].value == list(vocab.LABELS)
    assert metadata["general.name"].value == "holoscope-nano"
    bundled = read_gguf(train.BUNDLED / "model.gguf").metadata
    assert metadata["tokenizer.ggml.tokens"] == bundled["tokenizer.ggml.tokens"]
    assert not read_gguf(folder / "f32/mmproj.gguf").tensors["v.patch_embd.weight.1"].any()
    export_all(folder / "all", folder / "parts", detector.state_dict(), train.BUNDLED)
    join(folder / "parts", folder / "joined")
    for name in ("model.gguf", "mmproj.gguf"):
        assert (folder / "joined" / name).read_bytes() == (folder / "all/f16" / name).read_bytes()
    assert max(file.stat().st_size for file in (folder / "parts").iterdir()) <= 15 << 20
    exact = {name for name, kind in read_gguf(folder / "all/q8_0/mmproj.gguf").types.items() if kind != 8}
    exact |= {name for name, kind in read_gguf(folder / "all/q8_0/model.gguf").types.items() if kind != 8}
    names = {id(p): gguf_name(name) for name, p in detector.named_parameters()}
    stored = {names[id(p)] for p in detector.quantised_parameters()}
    assert not stored & exact and stored | exact >= set(names.values())


def test_answers(_: Path) -> None:
    boxes = np.array([[40.0, 2, 60, 20], [0, 0, 192, 128], [2, 3, 12, 9], [100, 90, 192, 128]])
    order = vocab.raster_order(boxes)
    assert order.tolist() == [2, 0, 1, 3]
    labels = np.array([1, 14, 0, 7])
    tokens = vocab.encode_answer(boxes[order], labels[order], WIDTH, HEIGHT)
    found, found_labels = vocab.decode_answer(tokens.tolist(), WIDTH, HEIGHT)
    assert np.abs(found - boxes[order]).max() <= max(WIDTH, HEIGHT) / 999
    assert found_labels.tolist() == labels[order].tolist()
    assert vocab.decode_answer([vocab.LIST_EMPTY], 32, 32)[0].shape == (0, 4)
    assert vocab.decode_answer(tokens.tolist()[:9], WIDTH, HEIGHT)[0].shape == (1, 4)
    batch = make_batch([Screen(np.zeros((HEIGHT, WIDTH, 3), np.uint8), boxes, labels)], 320)
    assert batch.answers[0].tolist() == [*tokens.tolist(), vocab.TURN_END]
    cell = 0 * 6 + 1
    assert batch.cell_labels[0, cell] == 1
    assert np.allclose(batch.cell_boxes[0, cell] * 32 + [48, 16, 48, 16], [40, 2, 60, 20])
    short = make_batch([Screen(np.zeros((HEIGHT, WIDTH, 3), np.uint8), boxes, labels)], 2)
    assert short.answers[0].tolist()[:10] == tokens.tolist()[:10] and vocab.TURN_END not in short.answers[0]


def test_augmentation(_: Path) -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    boxes = np.array([[10.0, 10, 30, 30], [90, 10, 110, 30], [0, 60, 200, 80], [150, 40, 170, 50]])
    screen = Screen(pixels, boxes, np.array([0, 1, 12, 3]))
    part = augment.cut(screen, (0, 0, 96, 100), (192, 200))
    # The second box is cut to 30 %, the long row stays, the last one is outside.
    assert part.labels.tolist() == [0, 12] and part.boxes.tolist() == [[20, 20, 60, 60], [0, 120, 192, 160]]
    window = Screen(np.full((50, 60, 3), 9, np.uint8), np.array([[1.0, 1, 9, 9]]), np.array([5]))
    covered = augment.cover(dataclasses.replace(screen, pixels=pixels.copy()), window, 25, 5)
    assert covered.labels.tolist() == [0, 1, 12, 3, 5] and covered.boxes[0].tolist() == [10, 10, 25, 30]
    assert covered.boxes[-1].tolist() == [26, 6, 34, 14] and covered.pixels[6, 26, 0] == 9
    hidden = augment.cover(dataclasses.replace(screen, pixels=pixels.copy()), window, 85, 5)
    assert hidden.labels.tolist() == [0, 12, 3, 5]
    rng = np.random.default_rng(0)
    for size in ((192, 96), (96, 192), (64, 64), (416, 224)):
        for _ in range(20):
            seen = augment.with_window(augment.view(screen, size, rng), screen, rng)
            assert seen.pixels.shape == (size[1], size[0], 3)
            assert (seen.boxes[:, :2] >= 0).all() and (seen.boxes[:, 2:] <= np.array(size) + 1e-6).all()
            assert (seen.boxes[:, 2:] > seen.boxes[:, :2]).all()
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert augment.recolour(grey, rng).shape == grey.shape


def test_batches_are_the_same_again(folder: Path) -> None:
    stores = [ScreenStore(read_split(folder, "train"))]
    options = BatchOptions(patches=2000, procedural_share=0)
    for number in (0, 7):
        first = BatchMaker(options, stores, None).make(number)
        second = BatchMaker(options, [ScreenStore(read_split(folder, "train"))], None).make(number)
        assert all(np.array_equal(a, b) for a, b in zip(first.arrays(), second.arrays()))


def test_soft_targets(_: Path) -> None:
    """With a target as narrow as possible the soft loss is the hard one; padding counts for nothing."""
    torch.manual_seed(0)
    answer = vocab.encode_answer(np.array([[3.0, 4, 50, 60], [70, 1, 180, 9]]), np.array([2, 3]), WIDTH, HEIGHT)
    answers = torch.full((2, 12), -1)
    answers[0] = torch.tensor([*answer.tolist(), vocab.TURN_END])
    answers[1, :2] = torch.tensor([vocab.LIST_EMPTY, vocab.TURN_END])
    logits = torch.randn(2, 12, vocab.SIZE)
    soft, hard = AnswerLoss()(logits, answers, 0.05)
    known = answers >= 0
    expected = torch.nn.functional.cross_entropy(logits[known], answers[known])
    assert abs(float(hard - expected)) < 1e-5 and abs(float(soft - expected)) < 1e-4
    wide, _ = AnswerLoss()(logits, answers, 3.0)
    assert abs(float(wide - expected)) > 1e-3


def test_optimiser_parts(_: Path) -> None:
    torch.manual_seed(0)
    for shape in ((3, 8, 20), (3, 20, 8)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert 0.5 < float(values.min()) and float(values.max()) < 1.4
    detector = Detector()
    muon, adam = make_optimisers(detector, DenseHead(384), 0.02, 0.002)
    assert isinstance(muon, Muon)
    counted = sum(len(group["params"]) for optimiser in (muon, adam) for group in optimiser.param_groups)
    assert counted == len(list(detector.parameters())) + 4
    before = {name: p.detach().clone() for name, p in detector.named_parameters()}
    with StoredWeights(detector):
        assert not torch.equal(detector.token_embd, before["token_embd"])
        assert torch.equal(detector.position_embd, before["position_embd"])
    assert all(torch.equal(p, before[name]) for name, p in detector.named_parameters())
    average = Average(detector, 0.9)
    average.update(detector, 1000)
    assert torch.allclose(average.values["token_embd"], before["token_embd"])


def test_scoring(_: Path) -> None:
    true = np.array([[0.0, 0, 10, 10], [20, 20, 40, 40]])
    found = np.array([[0.0, 0, 10, 9], [0, 0, 10, 10], [21, 20, 40, 40], [90, 90, 99, 99]])
    assert sorted(matches(found, true)) == [(1, 0), (2, 1)]
    assert matches(np.zeros((0, 4)), true) == []


def test_training_learns_and_goes_on(folder: Path) -> None:
    """Three steps lower the loss; a run that was stopped and went on ends where an unbroken one does."""
    common = ["--no-augmentation", "--sigma", "1", "1", "--validation-screens", "4", "--greedy-screens", "1"]
    whole, broken = folder / "whole", folder / "broken"
    trainer = train.main(options_for(folder, whole, *common, "--steps", "6"))
    steps = [json.loads(line) for line in (whole / "log.jsonl").read_text().splitlines()]
    losses = [entry["hard"] for entry in steps if entry["kind"] == "step"]
    device = torch.device("cpu")
    screens = [Screen(np.asarray(Image.open(f.path)), f.boxes, f.labels) for f in read_split(folder, "train")]
    before = Validation(screens, device).teacher_forced(load_pair(train.BUNDLED))["loss"]
    after = Validation(screens, device).teacher_forced(trainer.detector)["loss"]
    assert len(losses) == 3 and after < before, (losses, before, after)
    print(f"  loss of the screens: {before:.3f} before, {after:.3f} after six steps")
    validations = [entry for entry in steps if entry["kind"] == "validation"]
    assert len(validations) == 1 and validations[0]["screens"] > 0
    train.main(options_for(folder, broken, *common, "--steps", "6", "--stop-at-step", "3"))
    resumed = train.main(options_for(folder, broken, *common, "--steps", "6"))
    assert resumed.step == 6
    for name, value in trainer.detector.state_dict().items():
        assert torch.allclose(value, resumed.detector.state_dict()[name], atol=1e-6), name
    for kind in ("f32", "f16", "q8_0"):
        load_pair(broken / kind)
    exported = load_pair(broken / "f32").state_dict()
    assert all(torch.equal(exported[name], value) for name, value in resumed.average.values.items())


def main() -> int:
    torch.manual_seed(0)
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            draw_folder(Path(temporary))
            try:
                test(Path(temporary))
                print(f"ok      {name}")
            except AssertionError as error:
                failed += 1
                line = error.__traceback__.tb_next.tb_lineno if error.__traceback__ and error.__traceback__.tb_next else 0
                print(f"FAILED  {name}, line {line}: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
