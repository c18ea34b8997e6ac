"""Atomic writing: symbolic links, permissions, failures."""

import os
import stat

import numpy as np
import pytest

from nst_numpy import InputError, read_picture, write_picture
from nst_numpy.images import check_output
from nst_numpy.networks import load_network, write_compact
from nst_numpy.utils.atomic_files import atomic_file, write_text

GRAY = np.full((2, 2, 3), 9.0)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("relative", [True, False])
def test_symbolic_link_is_followed(tmp_path, exists, relative):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "p.png", tmp_path / "link.png"
    if exists:
        target.write_bytes(b"old")
    link.symlink_to("there/p.png" if relative else target)
    check_output(link)
    write_picture(link, GRAY)
    assert link.is_symlink()
    assert (read_picture(target) == 9).all()
    assert os.listdir(target.parent) == ["p.png"]


def test_link_into_a_missing_folder_is_an_error_that_names_the_folder(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "none" / "p.png")
    with pytest.raises(InputError, match=r"no folder .*none to write p\.png"):
        check_output(tmp_path / "link.png")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o664])
def test_permissions_are_kept(tmp_path, mode):
    writers = {
        "p.png": lambda path: write_picture(path, GRAY),
        "t.txt": lambda path: write_text(path, "text"),
        "w.h5": lambda path: write_compact(path, load_network("random")),
    }
    for name, write in writers.items():
        path = tmp_path / name
        path.touch()
        path.chmod(mode)
        write(path)
        assert mode_of(path) == mode
        assert path.stat().st_size


def test_unfinished_file_is_not_more_readable_than_the_old_one(tmp_path):
    path = tmp_path / "p.bin"
    path.touch()
    path.chmod(0o600)
    with atomic_file(path) as file:
        assert stat.S_IMODE(os.stat(file.name).st_mode) == 0o600


def test_new_file_has_the_permissions_of_the_process(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "t.txt", "text")
        write_compact(tmp_path / "w.h5", load_network("random"))
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "t.txt") == mode_of(tmp_path / "w.h5") == 0o640
