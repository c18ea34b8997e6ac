"""The content of the HTML report; its behavior in a browser is tested in another file."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from nst_numpy import FrameRecorder, InputError, stylize, write_picture, write_report
from nst_numpy.networks import random_network
from nst_numpy.optimizers.dot_product import rms
from nst_numpy.reports.loss_axes import loss_axis
from nst_numpy.reports.loss_curves import ScaleLosses, draw_curves
from nst_numpy.reports.markup import escape
from nst_numpy.reports.report_pictures import around_gray, mask_png
from nst_numpy.transfer.recipe import STYLE_LAYERS

NAMES = ("photo.png", "painting.png")
UGLY = ("<b>&amp;\"'\n$css.png", "<script><!--\u00e9.png")
VOID = {"meta", "link", "img", "input"}


class Page(HTMLParser):
    """Tags in order, texts and attributes of a page. An unclosed tag fails the test."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else None, data))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def write(folder, names, **settings):
    """Run a small job on two scales with masks; return its page and its result."""
    for name, shape in zip(names, ((30, 40, 3), (36, 36, 3)), strict=True):
        write_picture(folder / name, np.linspace(0, 255, np.prod(shape)).reshape(shape))
    recorder, (left, top) = (
        FrameRecorder(),
        (np.indices(shape) // 20 for shape in ((30, 40), (36, 36))),
    )
    job = {"content": folder / names[0], "style": [folder / names[1]], "size": 40}
    job |= {"content_mask": left[1], "style_mask": top[0], "scales": ((32, 3),), "iterations": 4}
    job["padding"] = "zero"  # in its margin, the regions are large enough for conv5_1
    job |= {"weights": random_network((4, 4, 6, 6, 6)), "tv": 1e-9, "dtype": np.float64, **settings}
    result = stylize(**job, callback=recorder, gradients=True)
    command = f"nst-numpy transfer '{names[0]}'"
    write_report(folder / "report.html", result, recorder, job, command)
    return Page((folder / "report.html").read_text("utf-8")), result


@pytest.fixture(scope="module", params=[NAMES, UGLY], ids=["plain", "ugly"])
def written(request, tmp_path_factory):
    page, result = write(tmp_path_factory.mktemp("report"), request.param)
    return request.param, page, result


@pytest.fixture
def page(written):
    return written[1]


@pytest.fixture
def result(written):
    return written[2]


def picture(image):
    """The Pillow image that an <img> contains."""
    kind, data = re.fullmatch("data:image/(jpeg|png);base64,(.*)", image["src"]).groups()
    with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as opened:
        assert opened.format.lower() == kind
        opened.load()
        return opened


def test_page_contains_every_picture_in_its_size(page, result):
    sizes = [(each["alt"].split()[0], picture(each).size) for each in page.all("img")]
    gradients = [("Gradient", (40, 30))] * (1 + len(result.terms))
    inputs = [("Content:", (40, 30)), ("Content", (40, 30))]  # each with its mask
    inputs += [("Style:", (36, 36)), ("Style", (36, 36))]
    frames = [("The", (32, 24))] * 3 + [("The", (40, 30))] * 5
    assert sizes == [*inputs, ("Result:", (40, 30)), *frames, *gradients]


def test_last_frame_is_visible_and_is_the_result(page, result):
    frames = [each for each in page.all("img") if "data-iteration" in each]
    assert [int(each["data-iteration"]) for each in frames] == [*range(8)]
    assert ["hidden" in each for each in frames] == [True] * 7 + [False]
    error = np.asarray(picture(frames[-1])).astype(float) - result.picture
    assert np.abs(error).mean() < 4


def test_page_shows_gradients_and_their_rms(page, result):
    each = {"total": sum(result.gradients.values()), **result.gradients}
    shown = [image for image in page.all("img") if image["alt"].startswith("Gradient")]
    for image, name in zip(shown, each, strict=True):
        assert image["alt"] == f"Gradient of {name} with respect to the pixels"
        assert np.std(picture(image)) > 10  # not all gray, not all black
    values = [text for tag, text in page.texts if tag == "span" and "_" not in text]
    assert [f"{rms(dL_dx):.3g}" for dL_dx in each.values()] == values[-len(each) :]


def test_page_has_no_external_references(page):
    for _, attributes in page.tags:
        for name in ("src", "href", "action", "srcset", "data"):
            assert attributes.get(name, "data:").startswith("data:")
    for inside in ("style", "script"):
        text = " ".join(text for tag, text in page.texts if tag == inside)
        assert not re.search(r"//|url\(|@import|import\(|fetch\(", text)


def test_page_data_are_the_losses(page, result):
    (scales,) = (json.loads(text) for tag, text in page.texts if text.startswith("[{"))
    assert [scale["start"] for scale in scales] == [0, 3]
    for scale, each in zip(scales, (*result.earlier, result), strict=True):
        losses = {"total": each.losses, **each.terms}
        assert scale["curves"] == {name: values.tolist() for name, values in losses.items()}


def test_file_names_are_escaped(written, tmp_path):
    """A page has the same tags for any file names, and shows them unchanged."""
    names, page, _ = written
    plain, _ = write(tmp_path, NAMES)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    texts = "".join(text for tag, text in page.texts if tag not in ("script", "style"))
    assert f"{names[0]} in the style of {names[1]}" in texts
    assert f"nst-numpy transfer '{names[0]}'" in texts


def test_page_shows_settings_and_versions(page):
    cells = [text for tag, text in page.texts if tag in ("th", "td")]
    values = dict(zip(cells[::2], cells[1::2], strict=True))
    assert values["size"] == "40"
    assert values["scales"] == "32:3"
    assert values["style_layers"] == ", ".join(STYLE_LAYERS)
    assert values["dtype"] == "float64"
    assert values["numpy"] == np.__version__
    assert not {"callback", "gradients"} & values.keys()


def test_bytes_that_are_not_text_are_shown_as_escapes():
    """A file name on Linux may contain any bytes."""
    assert escape("<caf\udce9>") == "&lt;caf\\udce9&gt;"


def test_unknown_suffix_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"extension .pdf cannot be written.*\.html"):
        write_report(tmp_path / "report.pdf", None, None, {})


def drawn(curves):
    """{classes: [(iteration, loss), ...]} read back from the drawing."""
    page = Page(draw_curves([ScaleLosses(0, 64, curves)])[0])
    (svg,) = page.all("svg")
    names = ("left", "right", "top", "bottom", "low", "high", "end")
    left, right, top, bottom, low, high, end = (float(svg[f"data-{name}"]) for name in names)
    points = {}
    for path in page.all("path"):
        found = re.findall(r"[ML]([\d.]+) ([\d.]+)", path["d"])
        points[path["class"]] = [
            (
                (float(x) - left) / (right - left) * end,
                low * (high / low) ** ((bottom - float(y)) / (bottom - top)),
            )
            for x, y in found
        ]
    return points


def test_curves_are_drawn_at_the_right_places():
    losses = {"total": [3e3, 200.0, 7.5, 0.5], "tv": [0.0, 3.0, 0.0, 0.25]}
    points = drawn(losses)
    assert np.allclose(points["curve total"], list(enumerate(losses["total"])), rtol=0.01)
    seen = [(1, 3.0), (3, 0.25)]  # 0 has no logarithm
    assert np.allclose(points["curve c0 d0"], seen, rtol=0.01)


@pytest.mark.parametrize("losses", [[0.0], [5.0], [1.0, 1.0], [1e-30, 1e-31], [0.0, 7e9]])
def test_axis_contains_any_losses(losses):
    low, high, ticks = loss_axis(losses)
    assert 0 < low < high
    assert all(low <= v <= high for v in losses if v)
    assert 2 <= len(ticks) <= 8
    drawn({"total": losses})


def test_gradient_is_drawn_symmetrically_around_gray(rng):
    g = rng.standard_normal((9, 7, 3))
    assert np.allclose(around_gray(g) - 127.5, 127.5 - around_gray(-g))
    assert np.allclose(around_gray(1e-9 * g), around_gray(g))
    assert (around_gray(0 * g) == 127.5).all()
    assert np.mean(np.abs(around_gray(g) - 127.5) > 127.5) <= 0.006


def test_mask_keeps_its_colors():
    colors = np.array([[0xFF8000, 0x0000FF]])
    image = Image.open(io.BytesIO(mask_png(colors)))
    assert np.asarray(image).tolist() == [[[255, 128, 0], [0, 0, 255]]]
    levels = Image.open(io.BytesIO(mask_png(np.array([[5, 7, 9]]))))
    assert np.asarray(levels)[0, :, 0].tolist() == [0, 127, 254]
