"""When to write a snapshot: every N iterations, or every N seconds."""

import time
from dataclasses import dataclass, field

MAX_TIME_SHARE = 0.05  # of the run time that snapshots by the clock may take


@dataclass
class SnapshotSchedule:
    """Decides after which iterations a snapshot is written.

    Give ``iterations`` or ``seconds``. With neither, no snapshot is ever due.

    Attributes
    ----------
    iterations : int
        Iterations from one snapshot to the next.
    seconds : float
        Seconds from the end of one snapshot to the start of the next. The interval grows where
        writing is so slow that it would take more than `MAX_TIME_SHARE` of the time.
    last : float
        When the last snapshot was finished, by `time.monotonic`.
    cost : float
        Seconds that the last snapshot took.
    """

    iterations: int = 0
    seconds: float = 0.0
    last: float = field(default_factory=time.monotonic)
    cost: float = 0.0

    @property
    def never(self) -> bool:
        """Whether no snapshot is ever due."""
        return not (self.iterations or self.seconds)

    def due(self, iteration: int) -> bool:
        """Whether to write a snapshot after this iteration."""
        if self.iterations:
            return iteration % self.iterations == 0
        interval = max(self.seconds, self.cost / MAX_TIME_SHARE)
        return not self.never and time.monotonic() - self.last >= interval

    def record_snapshot(self, started: float) -> None:
        """Record that a snapshot, started at that time, has just been finished."""
        self.last = time.monotonic()
        self.cost = self.last - started
