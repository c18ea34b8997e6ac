"""A live view of a job in a notebook, without widgets."""

import gc
import io
from collections.abc import Sequence
from functools import partial
from typing import Any

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.own_thread import in_own_thread
from nst_numpy.utils.types import Array, Callback, Terms

DPI = 90
COLORS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES = ("-", "--", "-.", ":")  # with `COLORS` (Okabe & Ito 2008), distinct without color


def live(every: int = 10) -> Callback:
    """Return a callback that shows the picture and the loss curves of a job in a notebook.

        stylize(photo, painting, callback=live())

    The figure is one output of the notebook cell and is updated in place. The saved notebook
    contains its last state as a JPEG.

    Parameters
    ----------
    every : int
        Iterations from one update to the next. The curves contain every iteration.

    Returns
    -------
    callable
        ``callback(iteration, picture, loss, terms)`` for one job, as in `nst_numpy.stylize`.

    Raises
    ------
    InputError
        If ``every`` is not a positive integer, or this is not a notebook.
    """
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise InputError(f"every must be a positive integer, got {every!r}.")
    display, Image = _notebook()
    iterations: list[int] = []
    curves: dict[str, list[float]] = {}
    view = None

    def callback(iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        nonlocal view
        iterations.append(iteration)
        for name, value in {"total": loss, **terms}.items():
            curves.setdefault(name, []).append(value)
        if view is not None and iteration % every:
            return
        # Matplotlib's own callbacks would swallow an interrupt in the main thread.
        frame = Image(in_own_thread(partial(draw, picture, iterations, curves)))
        if view is None:
            view = display(frame, display_id=True)
        else:
            view.update(frame)

    return callback


def draw(picture: Array, iterations: Sequence[int], curves: dict[str, list[float]]) -> bytes:
    """Draw one frame: the picture on the left, the curves on the right.

    Parameters
    ----------
    picture : (H, W, 3) array, 0..255
    iterations : sequence of int
    curves : dict of str to sequence of float
        The values of each term at these iterations, by the name of the term.

    Returns
    -------
    bytes
        A JPEG file. For a picture with grain it has a third of the size of a PNG.
    """
    from matplotlib.figure import Figure  # not pyplot, which would affect other figures
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 3.6), dpi=DPI, layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(picture.clip(0, 255).astype("uint8"))
    left.set_title(f"iteration {iterations[-1]}")
    left.axis("off")
    for i, (name, values) in enumerate(curves.items()):
        style = {"color": COLORS[i % len(COLORS)], "linestyle": DASHES[i % len(DASHES)]}
        right.plot(iterations, values, label=name, marker="", **style)
    if any(value > 0 for values in curves.values() for value in values):
        right.set_yscale("log")
    right.set(xlabel="iteration", ylabel="weighted loss")
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.legend(fontsize="small")
    file = io.BytesIO()
    figure.savefig(file, format="jpeg", pil_kwargs={"quality": 90})
    figure.clear()
    del figure, left, right
    gc.collect()  # here, so that no callback of the figure runs in another thread later
    return file.getvalue()


def _notebook() -> tuple[Any, Any]:
    """``display`` and ``Image`` of IPython; `InputError` if they are not available."""
    try:
        import matplotlib  # noqa: F401
        from IPython import get_ipython
        from IPython.display import Image, display
    except ModuleNotFoundError as error:
        raise InputError(
            f"live() needs {error.name}, which is not installed: pip install '.[notebooks]'."
        ) from error
    if get_ipython() is None:
        raise InputError("live() works in a notebook only: pass another callback to stylize.")
    return display, Image
