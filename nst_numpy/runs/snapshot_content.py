"""Check what a snapshot contains."""

from typing import Any

from nst_numpy.transfer.state_schema import check_state_types, is_count, is_plain

ENTRIES = ("state", "extra", "settings", "versions")


def check_snapshot_content(tree: dict[str, Any]) -> None:
    """Check that a job can resume from the content of a snapshot.

    Parameters
    ----------
    tree : dict
        As read by `nst_numpy.runs.snapshots.read_tree`.

    Raises
    ------
    ValueError
        If an entry is missing, or has another type or shape than in a snapshot of such a job.
    """
    for name in ENTRIES:
        if not isinstance(tree.get(name), dict):
            raise ValueError(f"it has no {name}")
    check_state_types(tree["state"])
    if not is_plain(tree["settings"]):
        raise ValueError("its settings are not plain values")
    if not all(isinstance(version, str) for version in tree["versions"].values()):
        raise ValueError("its versions are not strings")
    if tree["extra"] and not _is_recorder(tree["extra"]):
        raise ValueError("its frames are not valid")


def _is_recorder(extra: dict[str, Any]) -> bool:
    """Whether these are the contents of a `nst_numpy.reports.frames.FrameRecorder`."""
    frames, step = extra.get("frames"), extra.get("step")
    return (
        extra.keys() == {"frames", "step"}
        and is_count(step)
        and step != 0
        and isinstance(frames, list)
        and all(map(_is_frame, frames))
    )


def _is_frame(frame: Any) -> bool:
    """Whether this is an iteration and the bytes of a picture."""
    return (
        isinstance(frame, list | tuple)
        and len(frame) == 2
        and is_count(frame[0])
        and isinstance(frame[1], bytes)
    )
