"""Batches from many processes, in a fixed order, through memory that all share.

Start it before anything touches a GPU: the processes are forked.
"""
from __future__ import annotations

import mmap
import multiprocessing
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable

import numpy as np
import torch

from batches import Batch

_EXTRA_BYTES = 8 << 20
"""Room of a slot for what a batch has beside its images."""
_ALIGN = 64


class _Slots:
    """Places for batches in anonymous shared memory."""

    def __init__(self, count: int, size: int) -> None:
        self.size = size
        self.memory = np.frombuffer(mmap.mmap(-1, count * size), np.uint8)

    def put(self, slot: int, arrays: tuple[np.ndarray, ...]) -> list[tuple[int, tuple[int, ...], str]]:
        """Copies arrays into a slot and answers where they lie: start, shape, type."""
        at, places = slot * self.size, []
        for array in arrays:
            end = at + array.nbytes
            if end > (slot + 1) * self.size:
                raise ValueError(f"a batch of {sum(a.nbytes for a in arrays)} bytes does not fit {self.size} bytes")
            self.memory[at:end].view(array.dtype).reshape(array.shape)[...] = array
            places.append((at, array.shape, array.dtype.str))
            at = -(-end // _ALIGN) * _ALIGN
        return places

    def get(self, places: list[tuple[int, tuple[int, ...], str]]) -> list[np.ndarray]:
        arrays = []
        for start, shape, kind in places:
            dtype = np.dtype(kind)
            end = start + int(np.prod(shape)) * dtype.itemsize
            arrays.append(self.memory[start:end].view(dtype).reshape(shape))
        return arrays


def _work(make: Callable[[int], Batch], failures: list[str], slots: _Slots, free, filled, lock, counter) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        os.nice(1)
        reported = 0
        while True:
            # The slot comes first: so the lowest number that is missing always has one.
            with lock:
                slot = free.get()
                if slot is None:
                    free.put(None)
                    return
                number = counter.value
                counter.value += 1
            places = slots.put(slot, make(number).arrays())
            filled.put((number, slot, places, failures[reported:]))
            reported = len(failures)
    except BaseException:  # noqa: BLE001 - the parent must hear of everything
        filled.put((-1, -1, [], [traceback.format_exc()]))


class Loader:
    """Iterates over batches as tensors on a device, from number `first` on, without end."""

    def __init__(self, maker, workers: int, image_bytes: int, first: int, ahead: int = 0) -> None:
        """@param maker has `make(number)` and `failures`; @param image_bytes of the largest batch"""
        context = multiprocessing.get_context("fork")
        slots = ahead or 2 * workers + 2
        self._slots = _Slots(slots, image_bytes + _EXTRA_BYTES)
        self._free, self._filled = context.Queue(), context.Queue()
        for slot in range(slots):
            self._free.put(slot)
        shared = (self._slots, self._free, self._filled, context.Lock(), context.Value("q", first, lock=False))
        self._processes = [
            context.Process(target=_work, args=(maker.make, maker.failures, *shared), daemon=True) for _ in range(workers)
        ]
        for process in self._processes:
            process.start()
        self._next = first
        self._waiting: dict[int, tuple] = {}
        self._ready: queue.Queue = queue.Queue(maxsize=3)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failures: list[str] = []
        self.wait_seconds = 0.0
        """Time that next() has waited."""

    def start(self, device: torch.device) -> None:
        """Begins to bring batches to the device."""
        self._thread = threading.Thread(target=self._feed, args=(device,), daemon=True)
        self._thread.start()

    def __next__(self) -> list[torch.Tensor]:
        """images, answers, cell labels, cell boxes of the next batch."""
        begin = time.perf_counter()
        item = self._ready.get()
        self.wait_seconds += time.perf_counter() - begin
        if isinstance(item, BaseException):
            raise RuntimeError("the batches have stopped") from item
        tensors, arrived = item
        if arrived is not None:
            torch.cuda.current_stream().wait_event(arrived)
            for tensor in tensors:
                tensor.record_stream(torch.cuda.current_stream())
        return tensors

    def close(self) -> None:
        self._stop.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(timeout=2)
            if process.is_alive():
                process.kill()

    def _take(self) -> tuple[int, list[np.ndarray]]:
        """The next batch in order, and the slot that it lies in."""
        while self._next not in self._waiting:
            try:
                number, slot, places, failures = self._filled.get(timeout=5)
            except queue.Empty:
                dead = [process.pid for process in self._processes if not process.is_alive()]
                if dead or self._stop.is_set():
                    raise RuntimeError(f"processes that make batches have ended: {dead}") from None
                continue
            self.failures += failures
            if number < 0:
                raise RuntimeError(failures[0])
            self._waiting[number] = (slot, places)
        slot, places = self._waiting.pop(self._next)
        self._next += 1
        return slot, self._slots.get(places)

    def _feed(self, device: torch.device) -> None:
        try:
            on_gpu = device.type == "cuda"
            stream = torch.cuda.Stream(device) if on_gpu else None
            pinned: list[tuple[torch.Tensor, torch.cuda.Event]] = []
            if on_gpu:
                room = self._slots.size
                pinned = [(torch.empty(room, dtype=torch.uint8, pin_memory=True), torch.cuda.Event()) for _ in range(5)]
            turn = 0
            while not self._stop.is_set():
                slot, arrays = self._take()
                if on_gpu:
                    buffer, event = pinned[turn % len(pinned)]
                    turn += 1
                    event.synchronize()
                    item = self._send(arrays, buffer, event, stream, device)
                else:
                    item = ([torch.from_numpy(array.copy()) for array in arrays], None)
                self._free.put(slot)
                self._ready.put(item)
        except BaseException as error:  # noqa: BLE001 - next() raises it
            self._ready.put(error)

    @staticmethod
    def _send(arrays, buffer, event, stream, device) -> tuple[list[torch.Tensor], object]:
        at, tensors = 0, []
        with torch.cuda.stream(stream):
            for array in arrays:
                source = torch.from_numpy(array)
                staged = buffer[at : at + array.nbytes].view(source.dtype).view(source.shape)
                staged.copy_(source)
                tensors.append(staged.to(device, non_blocking=True))
                at = -(-(at + array.nbytes) // _ALIGN) * _ALIGN
            event.record(stream)
        return tensors, event
