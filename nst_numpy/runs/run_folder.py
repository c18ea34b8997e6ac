"""The folder of a run: its record, its lock, and the snapshots from which the run resumes."""

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nst_numpy.runs.folder_checks import (
    check_can_overwrite,
    check_is_run_folder,
    remove_leftovers,
)
from nst_numpy.runs.folder_lock import LOCK_FILE, locked
from nst_numpy.runs.record import RECORD_FILE, RunRecord, write_record
from nst_numpy.runs.snapshot_content import check_snapshot_content
from nst_numpy.runs.snapshot_schedule import SnapshotSchedule
from nst_numpy.runs.snapshots import (
    newest_snapshot,
    remove_snapshots,
    snapshots,
    write_snapshot,
)
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Record, State


@dataclass
class RunFolder:
    """Writes the record and the snapshots of a job to a folder.

    The first snapshot creates the folder; if the user requested one, the first checkpoint does.
    From then until the end of the ``with`` block no other process can work in the folder.

    Attributes
    ----------
    path : path
    record : RunRecord
    schedule : SnapshotSchedule
    requested : bool
        Whether the user requested the folder.
    state : dict, optional
        State of the job after its last iteration (the argument of a checkpoint).
    extra : dict
        What the caller stores in a snapshot in addition to the state: plain values and bytes.
    last_snapshot : path, optional
        The newest valid snapshot.
    """

    path: Path
    record: RunRecord
    schedule: SnapshotSchedule
    requested: bool = False
    state: State | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    last_snapshot: Path | None = None
    _lock: ExitStack | None = field(default=None, repr=False)
    _has_warned: bool = field(default=False, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.close()

    def lock(self, resuming: bool = False) -> None:
        """Create the folder if necessary, and lock it.

        Parameters
        ----------
        resuming : bool
            Whether a run in the folder is to be resumed. Otherwise a run that this one must not
            overwrite is an error.

        Raises
        ------
        InputError
            If the folder cannot be created or locked, or contains something else.
        """
        ensure_folder(self.path)
        check_is_run_folder(self.path)
        with ExitStack() as stack:
            stack.enter_context(locked(self.path))
            if not resuming:
                check_can_overwrite(self.path, self.record.output)
            remove_leftovers(self.path)
            self._lock = stack.pop_all()

    def create(self) -> None:
        """Lock the folder, unless this run already has, and write the record.

        A folder that was removed during the job is created again.
        """
        if self._lock is not None and not self.path.is_dir():
            self._lock.close()
            self._lock = None
        if self._lock is None:
            self.lock()
        write_record(self.path, self.record)

    def load_snapshot(self) -> Record | None:
        """The content of the newest valid snapshot, or None if the run has none.

        Returns
        -------
        dict or None
            ``state``, ``extra``, ``settings`` and ``versions``.
        """
        self.last_snapshot, content = newest_snapshot(self.path, check_snapshot_content)
        return content

    def checkpoint(self, state: State, extra: dict[str, Any]) -> None:
        """Keep a state, and write a snapshot of it if one is due."""
        self.state, self.extra = state, extra
        if self.requested and self._lock is None:
            try:
                self.create()
            except (OSError, InputError) as error:
                self._warn_once(
                    f"No snapshot can be written; the job continues. {reason_of(error)}"
                )
        if self.schedule.due(state["iteration"]) and (reason := self.save_snapshot()):
            self._warn_once(f"No snapshot could be written; the job continues. {reason}")

    def save_snapshot(self) -> str:
        """Write a snapshot of the last state.

        Returns
        -------
        str
            Why it could not be written, or an empty string. The next one that is due tries again.
        """
        if self.state is None:
            return "The job has no state yet."
        started = time.monotonic()
        content = {
            "state": self.state,
            "extra": self.extra,
            "settings": self.record.job.settings,
            "versions": self.record.job.versions,
        }
        reason = ""
        try:
            self.create()
            self.last_snapshot = write_snapshot(
                self.path, self.state["iteration"], content, self.last_snapshot
            )
        except (OSError, InputError) as error:
            reason = reason_of(error)
        self.schedule.record_snapshot(started)
        return reason

    def discard_if_empty(self) -> None:
        """Remove the folder of an interrupted run without snapshots: it cannot be resumed."""
        if self._lock is not None and not snapshots(self.path):
            for name in (RECORD_FILE, LOCK_FILE):
                (self.path / name).unlink(missing_ok=True)
            with suppress(OSError):  # the folder contains files of others
                self.path.rmdir()

    def finish(self, record: RunRecord) -> None:
        """Write the record of the finished run, and remove the snapshots."""
        self.record = record
        if self._lock is None:
            return
        try:
            self.create()
            remove_snapshots(self.path)
        except (OSError, InputError) as error:
            self._warn_once(
                f"The picture is written, but the record in {self.path} is not complete: "
                f"{reason_of(error)}"
            )

    def _warn_once(self, message: str) -> None:
        """Warn, but only about the first failure."""
        if not self._has_warned:
            warn_user(message, stacklevel=3)
        self._has_warned = True


def reason_of(error: OSError | InputError) -> str:
    """The reason that an error gives, as a sentence."""
    return f"{error.strerror}." if isinstance(error, OSError) else str(error)
