"""The report page in a real browser."""

import base64
import re

import numpy as np
import pytest
from helpers.browser import CHROMIUM, browser

from nst_numpy import FrameRecorder, Result, write_report

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to show the page in")
ITERATIONS = 20
FALLING = 0.7 ** np.arange(ITERATIONS + 1)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a job whose picture gets darker while its loss and its terms decrease."""
    folder, recorder = tmp_path_factory.mktemp("report"), FrameRecorder()
    pictures = [np.full((30, 40, 3), 250.0 - 12 * i) for i in range(ITERATIONS + 1)]
    for i, picture in enumerate(pictures):
        recorder(i, picture, FALLING[i], {})
    terms = {f"style conv{i}_1": FALLING / 2**i for i in (1, 2, 3, 4, 5)} | {"tv": 0 * FALLING}
    gradients = {name: pictures[0] for name in terms}
    result = Result(pictures[-1].astype(np.uint8), FALLING, terms, "Done.", 1.0, (), gradients)
    settings = {"content": pictures[0], "style": [pictures[1]] * 3, "init": "a" * 200 + ".png"}
    write_report(
        folder / "report.html", result, recorder, settings, "nst-numpy transfer " + "b" * 300
    )
    return (folder / "report.html").as_uri()


@pytest.fixture
def page(chromium, report):
    """The browser with the page just opened, and without the events of earlier pages."""
    chromium.events.clear()
    chromium.resize(1400)
    chromium.open(report)
    return chromium


def shown(page):
    """Iteration of the visible frame, the brightness of its center, and the marker's x."""
    iteration = page.evaluate(
        "[...document.querySelectorAll('.frames img')].filter(e => e.checkVisibility())"
        ".map(e => Number(e.dataset.iteration)).join()"
    )
    brightness = page.evaluate(
        """(async () => {
          const frame = document.querySelector('.frames img:not([hidden])');
          await frame.decode();
          const canvas = document.createElement('canvas').getContext('2d');
          canvas.drawImage(frame, 0, 0);
          return canvas.getImageData(20, 15, 1, 1).data[0];
        })()"""
    )
    x = page.evaluate("document.querySelector('#marker line').getBoundingClientRect().x")
    return int(iteration), brightness, x


def legend_values(page):
    """{name: value} of the legend."""
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.legend output')]"
        ".map(e => [e.dataset.name, Number(e.textContent)]))"
    )


def errors(page):
    """Errors on a page, and its requests to the network."""
    wrong = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    requests = [e["params"] for e in page.events if e["method"] == "Network.requestWillBeSent"]
    urls = [params["request"]["url"] for params in requests]
    return [url for url in urls if not re.match("file:|data:", url)] + [
        event["method"] for event in page.events if event["method"] in wrong
    ]


def test_slider_moves_frame_marker_and_numbers(page):
    end, dark, right = shown(page)
    assert (end, dark) == (ITERATIONS, 10)
    page.evaluate("document.getElementById('slider').focus()")
    page.press("ArrowLeft", 37)
    before, _, _ = shown(page)
    assert before == ITERATIONS - 1
    page.press("Home", 36)
    start, bright, left = shown(page)
    assert (start, bright) == (0, 250)
    x = page.evaluate(
        "[...document.querySelectorAll('.tick')].map(e => e.getBoundingClientRect().left)"
    )
    assert np.allclose([left, right], [min(x), max(x)], atol=1.5)
    assert legend_values(page)["total"] == FALLING[0]
    assert "iteration 0 of 20" in page.evaluate("document.getElementById('slider').ariaValueText")


def test_marker_is_on_the_curves(page):
    """Each dot is on its curve at any slider position; a loss of 0 has no dot."""
    page.evaluate("slider.value = 7; slider.dispatchEvent(new Event('input'))")
    losses = legend_values(page)
    assert np.isclose(losses["total"], FALLING[7], rtol=1e-3)
    apart = page.evaluate(
        """[...document.querySelectorAll('.dot')].map(dot => {
          const look = [...dot.classList].slice(1).join('.');
          const d = document.querySelector(`path.${look}`).getAttribute('d');
          const at = [...d.matchAll(/[ML]([0-9.]+) ([0-9.]+)/g)];
          const off = at.length && Math.abs(at[7][2] - dot.getAttribute('cy'));
          return at.length ? off : dot.getAttribute('visibility');
        })"""
    )
    assert apart[-1] == "hidden"
    assert max(apart[:-1]) < 0.06


def test_play_runs_to_the_end_and_pause_stops(page):
    click = "document.getElementById('play').click()"
    page.evaluate(click)
    wait_for(page, "slider.value > 2")
    page.evaluate(click)
    first = shown(page)
    assert 2 < first[0] < ITERATIONS
    assert page.evaluate("document.getElementById('play').textContent") == "Play"
    page.evaluate("slider.value = 19; document.getElementById('play').click()")
    wait_for(page, "play.textContent == 'Play'")
    assert shown(page)[0] == ITERATIONS


def wait_for(page, condition):
    """Wait until a condition holds, checked in every frame that the browser paints."""
    look = f"const look = () => {condition} ? done() : requestAnimationFrame(look); look();"
    page.evaluate(f"new Promise(done => {{ {look} }})")


def test_page_makes_no_requests_and_has_no_errors(page):
    assert errors(page) == []


def test_errors_and_requests_are_detected(chromium, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<img src='http://127.0.0.1:9/a.png'><script>console.log(1); nothing()</script>")
    chromium.events.clear()
    chromium.open(bad.as_uri())
    assert {*errors(chromium)} >= {
        "http://127.0.0.1:9/a.png",
        "Runtime.exceptionThrown",
        "Runtime.consoleAPICalled",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_page_fits_the_window_and_has_enough_contrast(page, width, scheme):
    """No horizontal scrolling; contrast is at least 4.5 for text and 3 for curves [WCAG 2.2]."""
    page.resize(width, 800, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (ground > 0.8) == (scheme == "light")
    for what, name, least in (
        ("h1, p, td, th, figcaption, b, output, button", "color", 4.5),
        ("svg text", "fill", 4.5),
        (".curve", "stroke", 3),
    ):
        colors = page.evaluate(
            f"[...new Set([...document.querySelectorAll('{what}')]"
            f".map(e => getComputedStyle(e).{name}))]"
        )
        for color in colors:
            high, low = sorted((luminance(color), ground), reverse=True)
            assert (high + 0.05) / (low + 0.05) > least, color


def luminance(color):
    """Relative luminance of an ``rgb(...)`` [WCAG 2.2]."""
    c = np.array([int(n) for n in re.findall(r"\d+", color)[:3]]) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_text_of_the_drawing_is_legible_on_a_phone(page):
    page.resize(360)
    assert (
        page.evaluate("document.querySelector('#curves text').getBoundingClientRect().height") > 11
    )


def test_page_can_be_printed(page):
    pdf = base64.b64decode(page.call("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Subtype /Image") >= 5
