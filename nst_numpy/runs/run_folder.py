"""The folder of a run: its record, and the snapshots from which it goes on after any end."""

import os
import shlex
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from nst_numpy.runs.folder_lock import LOCK_FILE, locked
from nst_numpy.runs.record import RECORD_FILE, read_record, write_record
from nst_numpy.runs.snapshot_schedule import SnapshotSchedule
from nst_numpy.runs.snapshots import remove_snapshots, snapshots, write_snapshot
from nst_numpy.utils.atomic_files import temporary_name
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder
from nst_numpy.utils.process_settings import warn_user


@dataclass
class RunFolder:
    """Keeps a job in a folder; its `checkpoint` is the one of `nst_numpy.stylize`.

    The folder is made by the first snapshot, or if it was asked for, once the job has begun. From
    then on to the end of the ``with`` block no other process works in it.

    Attributes
    ----------
    folder : path
    record : dict
        What ``run.json`` tells (`nst_numpy.runs.record`).
    schedule : SnapshotSchedule
    asked : bool
        Whether the folder was asked for.
    extra : dict
        What else goes into a snapshot: plain values and bytes, of the caller's own. It may be one
        iteration ahead of the state, where a callback was done and the checkpoint was not.
    state : dict, optional
        The job's, after its last iteration.
    sound : path, optional
        The last sound snapshot.
    held : ExitStack, optional
        Keeps other processes out until it is closed.
    told : bool
        Whether something went wrong that was told; it is told once.
    """

    folder: Path
    record: dict
    schedule: SnapshotSchedule
    asked: bool = False
    extra: dict = field(default_factory=dict)
    state: dict | None = None
    sound: Path | None = None
    held: ExitStack | None = None
    told: bool = False

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.held:
            self.held.close()

    def hold(self, goes_on=False):
        """Keep other processes out of the folder, made if need be.

        Raises
        ------
        InputError
            If that cannot be, or something else lies there and it is not to be gone on with.
        """
        ensure_folder(self.folder)
        check_ours(self.folder)
        with ExitStack() as held:
            held.enter_context(locked(self.folder))
            if not goes_on:
                check_free(self.folder, self.record["output"])
            tidy(self.folder)
            self.held = held.pop_all()

    def begin(self):
        """Make the folder and write the record."""
        if self.held is None:
            self.hold()
        write_record(self.folder, self.record)

    def checkpoint(self, state):
        """Remember a state, and write it down if it is time to."""
        self.state = state
        if self.asked and not self.held:
            try:
                self.begin()
            except (OSError, InputError) as error:
                self._tell(f"No snapshot can be written, the job goes on: {reason_of(error)}")
        if self.schedule.due(state["iteration"]) and (reason := self.save()):
            self._tell(f"No snapshot could be written, the job goes on: {reason}")

    def save(self):
        """Write a snapshot, and return the reason if that cannot be; later it is tried again."""
        reason = ""
        began, tree = time.monotonic(), {"state": self.state, "extra": self.extra}
        tree |= {name: self.record[name] for name in ("settings", "versions")}
        try:
            self.begin()
            self.sound = write_snapshot(self.folder, self.state["iteration"], tree, self.sound)
        except (OSError, InputError) as error:
            reason = reason_of(error)
        self.schedule.taken(began)
        return reason

    def leave(self):
        """Remove the folder of a run that has no snapshot: there is nothing to go on from."""
        if self.held and not snapshots(self.folder):
            for name in (RECORD_FILE, LOCK_FILE):
                (self.folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # something of others lies in it
                self.folder.rmdir()

    def finish(self, outcome):
        """Write down what came of the job; its snapshots are not needed any more."""
        if self.held is None:
            return
        try:
            write_record(self.folder, self.record | {"finished": outcome})
            remove_snapshots(self.folder)
        except (OSError, InputError) as error:
            self._tell(f"The picture is done, but {self.folder} is not: {reason_of(error)}")

    def _tell(self, sentence):
        """Say something once."""
        if not self.told:
            warn_user(sentence, stacklevel=3)
        self.told = True


def check_ours(folder):
    """Refuse a folder in which something else lies than a run."""
    names = {path.name for path in folder.iterdir()}
    if names and names.isdisjoint((RECORD_FILE, LOCK_FILE)):
        raise InputError(f"{folder} holds something else than a run: name another with --run.")


def check_free(folder, output):
    """Refuse a folder with a run that a new one, of that output, must not write over."""
    if is_finished(folder):
        record = read_record(folder)
        before = os.path.join(record["folder"], record["output"])
        if before != os.path.abspath(output):
            raise InputError(
                f"{folder} holds the run of {before}: name another folder with --run, or remove it."
            )
    elif snapshots(folder):
        raise InputError(
            f"{folder} holds a run that is not finished: go on with 'nst-numpy resume "
            f"{shlex.quote(str(folder))}', or remove that folder to start anew."
        )


def is_finished(folder):
    """Whether the run in a folder has come to its end."""
    return (folder / RECORD_FILE).exists() and bool(read_record(folder).get("finished"))


def tidy(folder):
    """Remove what a process has left that was killed in there."""
    remove_partial_files(folder)
    if is_finished(folder):
        remove_snapshots(folder)


def remove_partial_files(folder, process="*"):
    """Remove the files that a process has left half written."""
    for part in Path(folder).glob(temporary_name(process, "*")):
        part.unlink(missing_ok=True)


def reason_of(error):
    """What an error says, as a sentence."""
    return f"{error.strerror}." if isinstance(error, OSError) else str(error)
