"""Read, resize, color, annotate and write pictures: arrays (H, W, 3), RGB, 0..255."""

from nst_numpy.images.color import keep_color, match_color
from nst_numpy.images.contact_sheet import add_letter_and_inset, make_contact_sheet
from nst_numpy.images.draw_text import placeholder_picture
from nst_numpy.images.read import picture_shape, read_picture, reading_peak_bytes
from nst_numpy.images.resize import resize, scaled_size
from nst_numpy.images.write import check_output, format_of, write_picture

__all__ = [
    "add_letter_and_inset",
    "check_output",
    "format_of",
    "keep_color",
    "make_contact_sheet",
    "match_color",
    "picture_shape",
    "placeholder_picture",
    "read_picture",
    "reading_peak_bytes",
    "resize",
    "scaled_size",
    "write_picture",
]
