"""Labels of contact sheets: where they are, and how long texts are wrapped."""

from itertools import pairwise

import numpy as np
from PIL import ImageFont

from nst_numpy.images import make_contact_sheet
from nst_numpy.images.draw_text import wrapped


def center(ink):
    """Mean of the first and the last index with ink."""
    where = np.flatnonzero(ink)
    return (where[0] + where[-1]) / 2


def test_labels_of_rows_are_centered_next_to_their_rows():
    rows = [[np.full((90, 40, 3), 200.0)] for _ in range(3)]
    sheet = make_contact_sheet(rows, (40, 90), gap=8, row_labels=["M", "M", "M"])
    left = sheet.shape[1] - 40
    for i in range(3):
        part = sheet[i * 98 : i * 98 + 90, : left - 4]
        assert abs(center((part < 128).any(axis=(1, 2))) - 44.5) < 8


def test_labels_of_columns_are_centered_above_their_columns():
    sheet = make_contact_sheet(
        [[np.full((30, 80, 3), 200.0)] * 3], (80, 30), gap=8, column_labels=["M", "M", "M"]
    )
    for j in range(3):
        part = sheet[:-32, j * 88 : j * 88 + 80]
        assert abs(center((part < 128).any(axis=(0, 2))) - 39.5) < 8


def test_a_long_word_is_cut_where_the_next_letter_does_not_fit():
    font, word = ImageFont.load_default(12), "abcdefghijklmnopqrstuvwxyz" * 3
    lines = list(wrapped(word, 60, font))
    assert "".join(lines) == word
    assert len(lines) > 3
    for line, following in pairwise(lines):
        assert font.getlength(line) <= 60
        assert font.getlength(line + following[0]) > 60
