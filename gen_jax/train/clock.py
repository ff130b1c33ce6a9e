"""What a run costs: time a step, images a second, arithmetic achieved, waiting for data, memory."""

from __future__ import annotations

import resource
import sys
import time

import jax


class Clock:
    """Turns the moments at which intervals complete into rates."""

    def __init__(self, *, batch: int, step: int = 0, seconds_before: float = 0.0) -> None:
        """Start counting.

        Args:
          batch: images a step.
          step: done before now.
          seconds_before: time that the run took before it was resumed.
        """
        self._batch = batch
        self._start = self._last = time.perf_counter()
        self._before = seconds_before
        self._step = step
        self._waited = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those before a resume included."""
        return self._before + time.perf_counter() - self._start

    def leave_out(self, seconds: float) -> None:
        """Do not count so many seconds, just passed, as training in the figures of this interval."""
        self._last += seconds

    def interval(self, step: int, *, waited: float, flops: float) -> dict[str, float]:
        """Return the figures of the interval that ends now.

        Args:
          step: done by now.
          waited: seconds that the data have made the loop wait since the run began.
          flops: floating-point operations of the interval; 0 where the compiler does not say.
        """
        now = time.perf_counter()
        seconds = max(now - self._last, 1e-9)
        steps, self._step = step - self._step, step
        share = min(1.0, (waited - self._waited) / seconds)
        self._last, self._waited = now, waited
        figures = {
            "perf/images_per_second": steps * self._batch / seconds,
            "perf/ms_per_step": 1e3 * seconds / max(steps, 1),
            "perf/data_wait_share": share,
            "perf/peak_memory_gib": peak_memory() / 2**30,
            "perf/hours": self.seconds / 3600,
        }
        if flops > 0:
            figures["perf/flops_per_second"] = flops / seconds
        return figures


def peak_memory() -> float:
    """Return the most bytes in use so far: of the fullest local accelerator, on a CPU of the process."""
    stats = [device.memory_stats() or {} for device in jax.local_devices()]
    peaks = [entry["peak_bytes_in_use"] for entry in stats if "peak_bytes_in_use" in entry]
    if peaks:
        return float(max(peaks))
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def flops_of(lowered: jax.stages.Lowered) -> float:
    """Return the compiler's count of operations in one step, loops counted once; 0 where it gives none."""
    try:
        analysis = lowered.cost_analysis() or {}
    except (NotImplementedError, RuntimeError):  # some backends have no analysis
        return 0.0
    return float(analysis.get("flops", 0.0))
