"""Metadata of picture files survive a round trip and contain no dates."""

import numpy as np
import pytest

from nst_numpy import InputError, read_picture, write_picture
from nst_numpy.images.metadata import read_metadata

METADATA = {
    "settings": {"content": "Zürich.png", "weights": [1, 2.5, None, True]},
    "text": 'a\n"b"',
}


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_metadata_round_trip_changes_no_pixel(tmp_path, rng, ending):
    picture, path = rng.uniform(0, 255, (6, 9, 3)), tmp_path / f"a.{ending}"
    plain = tmp_path / f"b.{ending}"
    write_picture(path, picture, METADATA)
    write_picture(plain, picture)
    assert read_metadata(path) == METADATA
    assert np.array_equal(read_picture(path), read_picture(plain))
    with pytest.raises(InputError, match="has no metadata about how it was made"):
        read_metadata(plain)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "bmp", "pdf"])
def test_equal_pictures_give_equal_files(tmp_path, rng, ending):
    picture, paths = rng.uniform(0, 255, (6, 9, 3)), [tmp_path / f"{n}.{ending}" for n in "ab"]
    for path in paths:
        write_picture(path, picture, METADATA)
    one, other = (path.read_bytes() for path in paths)
    assert one == other
    assert b"/CreationDate" not in one
