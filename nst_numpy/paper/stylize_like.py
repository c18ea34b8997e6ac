"""The job with another implementation's objective: `stylize_like`."""

from dataclasses import replace
from typing import Any

from nst_numpy.losses import total_variation
from nst_numpy.paper.convention_objective import convention_network, convention_objective
from nst_numpy.paper.conventions import find_convention
from nst_numpy.paper.notation import Smoothing
from nst_numpy.transfer.checks import check_numbers, check_style_weights, defaults_of
from nst_numpy.transfer.control_checks import list_of
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import picture_from, start_file, start_from
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import check_room
from nst_numpy.transfer.network_preparation import ready_network
from nst_numpy.transfer.objective_terms import Objective
from nst_numpy.transfer.optimization import Result, run
from nst_numpy.transfer.option_types import check_kinds
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.available_memory import memory_budget, report_out_of_memory
from nst_numpy.utils.errors import InputError, unknown_name
from nst_numpy.utils.types import PictureSource, Settings

DEFAULTS = defaults_of(stylize)
# What can be given beside a convention: all but what weighs content and style.
FREE = {"content", "style", "size", "iterations", "tv", "content_layer", "style_layers", "pooling"}
FREE |= {"init", "seed", "optimizer", "weights", "normalized", "dtype", "threads", "memory"}
FREE |= {"callback", "checkpoint", "state", "gradients"}


@report_out_of_memory()
def stylize_like(name: str, content: PictureSource, style: PictureSource, **given: Any) -> Result:
    """Paint the content of one picture in the style of another, by another's convention.

    The pictures are not continued beyond their borders (`nst_numpy.transfer.inputs.extend`), as nobody
    else does that.

    Parameters
    ----------
    name : str
        A row of `nst_numpy.paper.conventions.CONVENTIONS`.
    content, style
        As in `nst_numpy.transfer.stylize.stylize`.
    **given
        Arguments of `nst_numpy.transfer.stylize.stylize`, but for those that weigh content and style.
        They win over the convention's, which win over the defaults. ``tv`` is the weight of
        `nst_numpy.losses.total_variation`, in place of the convention's own smoothing.

    Returns
    -------
    nst_numpy.transfer.optimization.Result

    Raises
    ------
    InputError
        If an argument does not fit or contradicts the convention.
    """
    convention = find_convention(name)
    job, (content, style), _ = ask_like(name, content, style, given)
    network, size, seed = job["weights"], job["size"], job["seed"]
    if "tv" in given:
        tv = Smoothing("", "", lambda H, W: given["tv"], total_variation)
        convention = replace(convention, tv=tv)
    p, a = (picture_from(source, size).astype(network.dtype) for source in (content, style))
    init = job["init"]
    x0 = start_from(init(network.mean, p.shape, seed) if callable(init) else init, p, a, seed)

    def prepare() -> Objective:
        layers = job["content_layer"], job["style_layers"]
        return convention_objective(convention, p, a, Encoder(network, job["pooling"]), *layers)

    how = job["iterations"], job["optimizer"], job["callback"], job["threads"]
    more = {name: job[name] for name in ("checkpoint", "state", "gradients")}
    return run(prepare, x0.astype(network.dtype), *how, margin=0, **more)


def ask_like(name: str, content: PictureSource, style: PictureSource, given: Settings) -> Any:
    """Check a job with a convention, and that it fits into its memory: see `nst_numpy.transfer.settings`.

    Returns
    -------
    job : dict
        All of its settings, the network ready and one content layer.
    sources : list of path or (H, W, 3) array
        Content and style.
    fit : nst_numpy.transfer.memory_fit.Fit
    """
    job = settings_like(name, given)
    check_kinds({**given, "content": content, "style": style})
    size, tv, seed, threads = (job[key] for key in ("size", "tv", "seed", "threads"))
    check_numbers(size, job["iterations"], 0, tv, seed, threads, job["memory"])
    w = check_style_weights(job["style_layers"], None)
    (style,), (l_c,) = _one_each(list_of(style), list_of(job["content_layer"]))
    network = ready_network(job["weights"], job["normalized"]).astype(job["dtype"])
    job |= {"weights": network, "content_layer": l_c}
    sources = [content, style]
    if l_c == find_convention(name).settings["content_layer"] and l_c not in network.weights:
        raise InputError(
            f"The convention {name} looks at {l_c}, which the network {network.name} does not "
            "have: choose another `content_layer` or another network (`weights`)."
        )
    load = Load(
        convention_network(find_convention(name), network, [l_c, *w]),
        [l_c],
        w,
        job["optimizer"],
        margin=0,
        uncut="a convention",
        terms=True,
        threads=threads,
    )
    start = None if callable(job["init"]) else start_file(job["init"])
    return job, sources, check_room(load, sources, size, memory_budget(job["memory"]), [start])


def settings_like(name: str, given: Settings) -> Settings:
    """All of `stylize`'s arguments: what is given, else the convention's, else the default."""
    for argument in given:
        if argument not in DEFAULTS:
            raise unknown_name("argument", argument, tuple(DEFAULTS))
        if argument not in FREE:
            raise InputError(
                f"`{argument}` cannot be combined with the convention {name}, which says itself "
                "what its losses are and how they are weighed: leave one of the two out."
            )
    return {**DEFAULTS, **find_convention(name).settings, **given}


def _one_each(styles: list[Any], content_layers: list[Any]) -> tuple[list[Any], list[Any]]:
    """Refuse several styles or content layers: no convention has them."""
    if len(styles) != 1 or len(content_layers) != 1:
        raise InputError(
            f"A convention has one style and one content layer, got {len(styles)} and "
            f"{len(content_layers)}: leave the others out, or the convention."
        )
    return styles, content_layers
