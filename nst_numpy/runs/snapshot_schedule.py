"""When a snapshot is due: every so many iterations, or every so many seconds."""

import time
from dataclasses import dataclass, field

SHARE = 0.05  # of the time that may go into snapshots by the clock


@dataclass
class SnapshotSchedule:
    """The one or the other; with neither a snapshot is never due.

    Attributes
    ----------
    iterations : int
    seconds : float
        From the end of one snapshot to the next. More, where taking one is so slow that it would
        be more than `SHARE` of the time.
    last, cost : float
        When the last one was done (by `time.monotonic`), and the seconds that it took.
    """

    iterations: int = 0
    seconds: float = 0.0
    last: float = field(default_factory=time.monotonic)
    cost: float = 0.0

    @property
    def never(self):
        return not (self.iterations or self.seconds)

    def due(self, iteration):
        """Whether it is time for a snapshot after that iteration."""
        if self.iterations:
            return iteration % self.iterations == 0
        wait = max(self.seconds, self.cost / SHARE)
        return not self.never and time.monotonic() - self.last >= wait

    def taken(self, began):
        """Note that a snapshot was taken, begun at that time."""
        self.last = time.monotonic()
        self.cost = self.last - began
