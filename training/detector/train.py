"""Trains the bundled detector, from the present one or from nothing, within a budget of minutes.

    python3 training/detector/train.py --data FOLDER --minutes 9 --out RESULT          (warm start from the bundled pair)
    python3 training/detector/train.py --data FOLDER --minutes 13 --from-scratch --out RESULT

At the end of its time it writes to RESULT: `checkpoint.pt` (to go on with), `f32/`, `f16/` and `q8_0/` (GGUF pairs of the
weights' moving average), `parts/` (the f16 pair in parts of at most 15 MiB) and `log.jsonl`. The same command goes on
from the checkpoint if there is one. Also with `--steps` instead of `--minutes`, which makes a run reproducible.
"""
from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import copy  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import traceback  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402

# Asks the driver's library instead of opening the GPU, which must not happen before processes are forked.
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")

import torch  # noqa: E402
from torch import Tensor  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from batches import BatchMaker, BatchOptions  # noqa: E402
from evaluate import Validation, precision, validation_screens  # noqa: E402
from export import export_all  # noqa: E402
from loader import Loader  # noqa: E402
from losses import AnswerLoss, DenseHead  # noqa: E402
from model import Detector, load_pair  # noqa: E402
from optim import Average, StoredWeights, make_optimisers, schedule  # noqa: E402
from train_sources import sources  # noqa: E402

BUNDLED = Path(__file__).parents[2] / "resources/models/nano"
BYTES_A_PATCH = 16 * 16 * 3
LOG_EVERY = 20
DENSE_SHARE = 0.2
LARGEST_NORM = 1.0


@dataclass(frozen=True)
class Rates:
    """Largest step sizes, and the steps that it takes to reach them."""

    muon: float
    adam: float
    warm_up: int


WARM, SCRATCH = Rates(0.005, 5e-4, 100), Rates(0.02, 2e-3, 200)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="folders with train.jsonl and validation.jsonl")
    parser.add_argument("--procedural", type=float, default=0.4, help="share of drawn screens")
    parser.add_argument("--minutes", type=float, help="whole schedule, start-up included")
    parser.add_argument("--steps", type=int, help="whole schedule in steps, instead of --minutes")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes after which this call ends")
    parser.add_argument("--stop-at-step", type=int, default=sys.maxsize, help="step at which this call ends")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="default: checkpoint.pt in --out")
    parser.add_argument("--checkpoint-out", type=Path, help="folder of the f16 parts; default: parts in --out")
    parser.add_argument("--log", type=Path, help="default: log.jsonl in --out")
    parser.add_argument("--warm-start", type=Path, default=BUNDLED, help="folder of a GGUF pair; also names the metadata")
    parser.add_argument("--from-scratch", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patches", type=int, default=112_000, help="of a batch")
    parser.add_argument("--most-elements", type=int, default=320)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--lr-muon", type=float)
    parser.add_argument("--lr-adam", type=float)
    parser.add_argument("--sigma", type=float, nargs=2, default=(3.2, 0.7), metavar=("FIRST", "LAST"))
    parser.add_argument("--average", type=float, default=0.997, help="decay of the weights' moving average")
    parser.add_argument("--qat-minutes", type=float, default=0.0, help="last minutes with weights as q8_0 stores them")
    parser.add_argument("--qat-share", type=float, default=0.0, help="the same as a share of the schedule")
    parser.add_argument("--small-first", type=int, help="batches of small images at the beginning; 600 from scratch, else 0")
    parser.add_argument("--checkpoint-every", type=float, default=180.0, help="seconds")
    parser.add_argument("--validate-every", type=float, default=120.0, help="seconds")
    parser.add_argument("--validation-screens", type=int, default=48)
    parser.add_argument("--greedy-screens", type=int, default=16)
    parser.add_argument("--no-augmentation", action="store_true")
    parser.add_argument("--compile", action="store_true", help="torch.compile for the layers")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args(arguments)
    if (options.minutes is None) == (options.steps is None):
        parser.error("give either --minutes or --steps")
    if options.small_first is None:
        options.small_first = 600 if options.from_scratch else 0
    options.checkpoint = options.checkpoint or options.out / "checkpoint.pt"
    options.checkpoint_out = options.checkpoint_out or options.out / "parts"
    options.log = options.log or options.out / "log.jsonl"
    return options


class Log:
    """Appends one JSON object a line, and prints it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def write(self, kind: str, **values: object) -> None:
        rounded = {k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()}
        line = json.dumps({"kind": kind, "seconds": round(time.time() - STARTED, 1), **rounded})
        print(line, flush=True)
        self._file.write(line + "\n")
        self._file.flush()


class Trainer:
    """Everything that a step changes."""

    def __init__(self, options: argparse.Namespace, detector: Detector, device: torch.device) -> None:
        self.options, self.device = options, device
        self.detector = detector.to(device).train()
        self.shadow = copy.deepcopy(self.detector).eval()
        """For measuring the averaged weights; its layers are never compiled."""
        torch.manual_seed(options.seed)
        self.head = DenseHead(detector.shape.width).to(device)
        self.answer_loss = AnswerLoss().to(device)
        self.rates = SCRATCH if options.from_scratch else WARM
        lr_muon, lr_adam = options.lr_muon or self.rates.muon, options.lr_adam or self.rates.adam
        self.optimisers = make_optimisers(self.detector, self.head, lr_muon, lr_adam)
        self.largest = [lr_muon, lr_adam]
        self.average = Average(self.detector, options.average)
        self.step = 0
        self.spent = 0.0
        """Seconds of earlier calls."""

    def progress(self) -> float:
        """Share of the schedule that is over."""
        if self.options.steps is not None:
            return self.step / self.options.steps
        return (self.spent + time.time() - STARTED) / (60 * self.options.minutes)

    def _quantised(self, progress: float) -> bool:
        share = self.options.qat_share
        if self.options.minutes is not None:
            share = max(share, self.options.qat_minutes / self.options.minutes)
        return progress >= 1 - share

    def train_on(self, batch: list[Tensor]) -> dict[str, Tensor]:
        """One step. Answers losses that are still on the device, so that nothing waits for it."""
        images, answers, cell_labels, cell_boxes = batch
        answers = answers.long()
        progress = min(1.0, self.progress())
        factor = schedule(self.step, self.rates.warm_up, progress)
        for optimiser, largest in zip(self.optimisers, self.largest):
            for group in optimiser.param_groups:
                group["lr"] = largest * factor
        first, last = self.options.sigma
        sigma = first + (last - first) * progress
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        with StoredWeights(self.detector) if self._quantised(progress) else contextlib.nullcontext():
            with precision(self.device):
                logits, seen = self.detector(images, answers.clamp_min(0))
                dense = self.head(seen, cell_labels, cell_boxes)
            soft, hard = self.answer_loss(logits, answers, sigma)
            (soft + DENSE_SHARE * dense).backward()
        parameters = [p for p in self.detector.parameters() if p.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(parameters, LARGEST_NORM)
        for optimiser in self.optimisers:
            optimiser.step()
        self.average.update(self.detector, self.step)
        self.step += 1
        return {"loss": soft.detach(), "hard": hard, "dense": dense.detach(), "norm": norm.detach()}

    def averaged(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.average.values.items()}

    def save(self, path: Path) -> None:
        state = {
            "detector": self.detector.state_dict(), "head": self.head.state_dict(), "average": self.average.values,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers], "step": self.step,
            "spent": self.spent + time.time() - STARTED,
        }  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        # Tensors, numbers and containers only: loads with PyTorch's safe default too. Into host memory, where AdamW's
        # step counters have to stay: on a GPU each of them would make the host wait in every step.
        state = torch.load(path, map_location="cpu")
        self.detector.load_state_dict(state["detector"])
        self.head.load_state_dict(state["head"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"]):
            optimiser.load_state_dict(saved)
        for name, value in state["average"].items():
            self.average.values[name].copy_(value)
        self.step, self.spent = state["step"], state["spent"]


def compile_layers(detector: Detector, log: Log) -> None:
    """Compiles the layers' forward passes; what cannot be compiled runs as before."""
    try:
        import torch._dynamo as dynamo

        dynamo.config.suppress_errors = True
        for name in ("cache_size_limit", "recompile_limit"):
            if hasattr(dynamo.config, name):
                setattr(dynamo.config, name, 64)
        for block in [*detector.vision, *detector.language]:
            block.forward = torch.compile(block.forward, dynamic=True)
    except Exception as error:  # noqa: BLE001 - only speed is lost
        log.write("note", text=f"layers are not compiled: {error!r}")


class StopRequest:
    """Set by SIGTERM: the run then ends as if its time were over, with everything written."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def make_validation(options: argparse.Namespace, device: torch.device, log: Log) -> Validation | None:
    """None without validation screens, also if they cannot be read: a run must not end because of a measurement."""
    try:
        screens = validation_screens(options.data, "validation", options.validation_screens)
        return Validation(screens, device) if screens else None
    except Exception:  # noqa: BLE001
        log.write("failure", text=traceback.format_exc()[-900:])
        return None


def run(loader: Loader, trainer: Trainer, validation: Validation | None, log: Log) -> bool:
    """The training loop; false if the loss was no number at the end."""
    options = trainer.options
    deadline = STARTED + 60 * options.stop_after
    next_validation = time.time() + options.validate_every
    next_checkpoint = time.time() + options.checkpoint_every
    stop = StopRequest()
    good: dict[str, Tensor] | None = None
    window_start, window_step, window_wait, images_seen = time.time(), trainer.step, loader.wait_seconds, 0
    while trainer.progress() < 1 and time.time() < deadline and trainer.step < options.stop_at_step and not stop.asked:
        batch = next(loader)
        images_seen += len(batch[0])
        measured = trainer.train_on(batch)
        if trainer.step % LOG_EVERY == 0 or trainer.step <= 3:
            values = {name: float(value) for name, value in measured.items()}
            now = time.time()
            log.write(
                "step", step=trainer.step, progress=trainer.progress(), **values,
                lr=trainer.optimisers[0].param_groups[0]["lr"], size=f"{batch[0].shape[2]}x{batch[0].shape[1]}",
                tokens=batch[1].shape[1], steps_a_second=(trainer.step - window_step) / max(1e-9, now - window_start),
                images_a_second=images_seen / max(1e-9, now - window_start),
                wait_share=(loader.wait_seconds - window_wait) / max(1e-9, now - window_start),
            )  # fmt: skip
            for text in loader.failures:
                log.write("failure", text=text[-600:])
            loader.failures.clear()
            if not math.isfinite(values["loss"]):
                log.write("note", text="the loss is no number: the last good average is kept and training ends")
                if good is not None:
                    trainer.average.values = good
                return False
            window_start, window_step, window_wait, images_seen = now, trainer.step, loader.wait_seconds, 0
            if trainer.step % (5 * LOG_EVERY) == 0:
                good = trainer.averaged()
        if time.time() >= next_checkpoint:
            trainer.save(options.checkpoint)
            next_checkpoint = time.time() + options.checkpoint_every
        if time.time() >= next_validation:
            validate(trainer, validation, log, options.greedy_screens)
            next_validation = time.time() + options.validate_every
            window_start, window_step, window_wait, images_seen = time.time(), trainer.step, loader.wait_seconds, 0
    return True


def validate(trainer: Trainer, validation: Validation | None, log: Log, greedy_screens: int) -> None:
    """Measures the averaged weights. Never fails: a run must not end because of a measurement."""
    if validation is None:
        return
    start = time.time()
    try:
        with torch.no_grad():
            for name, parameter in trainer.shadow.named_parameters():
                parameter.copy_(trainer.average.values[name])
        result = validation.teacher_forced(trainer.shadow)
        if greedy_screens > 0:
            result.update(validation.greedy(trainer.shadow, greedy_screens, 600))
        log.write("validation", step=trainer.step, **result, took=time.time() - start)
    except Exception:  # noqa: BLE001
        log.write("failure", text=traceback.format_exc()[-900:])


def main(arguments: list[str] | None = None) -> Trainer:
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    log = Log(options.log)
    resumed = torch.load(options.checkpoint, map_location="cpu")["step"] if options.checkpoint.exists() else 0
    stores, draw = sources(options.data, options.procedural)
    maker = BatchMaker(
        BatchOptions(
            seed=options.seed, patches=options.patches, most_elements=options.most_elements,
            procedural_share=options.procedural, augmented=not options.no_augmentation,
            small_first=options.small_first,
        ),
        stores, draw,
    )  # fmt: skip
    # A batch has at least one image, of 920 cells at most.
    image_bytes = max(options.patches, 4 * 920) * BYTES_A_PATCH
    loader = Loader(maker, options.workers, image_bytes, resumed)
    try:
        device = torch.device(options.device)
        if device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
        torch.manual_seed(options.seed)
        trainer = Trainer(options, load_pair(options.warm_start, weights=not options.from_scratch), device)
        loader.start(device)
        if resumed > 0:
            trainer.load(options.checkpoint)
        if options.compile:
            compile_layers(trainer.detector, log)
        log.write(
            "start", step=trainer.step, device=str(device), torch=torch.__version__, workers=options.workers,
            screens=sum(map(len, stores)), procedural=draw is not None, options={k: str(v) for k, v in vars(options).items()},
        )  # fmt: skip
        validation = make_validation(options, device, log)
        run(loader, trainer, validation, log)
        finished = time.time()
        trainer.save(options.checkpoint)
    finally:
        loader.close()
    state = {name: value.float().cpu() for name, value in trainer.average.values.items()}
    export_all(options.out, options.checkpoint_out, state, options.warm_start)
    log.write("exported", step=trainer.step, folder=str(options.out), took=time.time() - finished)
    validate(trainer, validation, log, options.greedy_screens)
    return trainer


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # Everything is written: nothing that still runs in a thread may hold the process back.
    os._exit(0)
