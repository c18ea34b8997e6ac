"""How good the pictures of a network or of settings are: figures, a contact sheet and a plot.

    python benchmarks/judge.py METHOD [METHOD ...] [--size 512] [--ratios 3e-3,1e-2] ...

A METHOD is NETWORK[,NAME=VALUE...], with NETWORK a name or a file and the settings those of
`nst_numpy.stylize` (lists as `style_layers=conv1_1+conv2_1`); `convention=NAME` runs
`nst_numpy.stylize_like`. With `--ratios`, a method without a convention runs at each ratio. Each
method transfers each style to each content. Every result is stored in `--folder`, and read from
there if it exists. The figures (`measures.py`):

    style, content   distances under each yardstick network, which no method has to share
    grain            color noise in flat areas, relative to photograph and painting
    color            distance of the colors to the painting's
"""

import argparse
import ast
import hashlib
import re
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import measures
import numpy as np

from nst_numpy import (
    load_network,
    read_picture,
    stylize,
    stylize_like,
    write_picture,
)
from nst_numpy.images import make_contact_sheet, scaled_size
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.utils.types import Image

PARENTS = Path(__file__).resolve().parents
SHARED = next((p / "shared" for p in PARENTS if (p / "shared").is_dir()), PARENTS[2] / "shared")
YARDSTICKS = (SHARED / "weights" / "vgg16.h5", SHARED / "weights" / "vgg19_16x.h5")


@dataclass(frozen=True)
class Method:
    """A network and settings of the transfer.

    Attributes
    ----------
    name : str
        As it was given.
    network : str
    convention : str
        Empty for the package's own recipe.
    settings : dict
        Arguments of `nst_numpy.stylize`.
    """

    name: str
    network: str
    convention: str
    settings: dict[str, Any]


def read_method(text: str, given: dict[str, Any]) -> Method:
    """Read NETWORK[,NAME=VALUE...]; its values replace those given for all methods."""
    network, *parts = text.split(",")
    settings = given | {name: literal(v) for name, v in (part.split("=") for part in parts)}
    return Method(text, network, settings.pop("convention", ""), settings)


def literal(text: str) -> Any:
    """A number, a bool or None, a list of words with + between them, else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text.split("+") if "+" in text else text


def pairs(size: int, only: str) -> dict[str, tuple[Image, Image]]:
    """Content and style by name: the sample pictures, and the paper's where they are."""
    found = {
        f"{p} {a}": (sample_picture(p, size), sample_picture(a, size))
        for p in CONTENTS
        for a in STYLES
    }
    neckarfront = SHARED / "images" / "tuebingen_neckarfront.jpg"
    starry_night = SHARED / "images" / "starry_night.jpg"
    if neckarfront.exists() and starry_night.exists():
        pictures = read_picture(neckarfront, size), read_picture(starry_night, size)
        found["neckarfront starry_night"] = pictures
    wanted = only.split(",")
    return {name: pair for name, pair in found.items() if any(w in name for w in wanted)}


def result(method: Method, pair: str, pictures: tuple[Image, Image], folder: Path) -> Image:
    """The method's picture for a pair, from the folder if it is there."""
    key = repr((method.name, sorted(method.settings.items()), pair))
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:12]}.png"
    if not path.exists():
        start = time.perf_counter()
        job = {"weights": method.network, **method.settings}
        if method.convention:
            done = stylize_like(method.convention, *pictures, **job)
        else:
            done = stylize(*pictures, **job)
        write_picture(path, done.picture)
        print(f"{path.name}: {method.name} | {pair} | {time.perf_counter() - start:.0f} s")
    return read_picture(path)


def figures(yardsticks: list, x: Image, pictures: tuple[Image, Image]) -> list[float]:
    """Style and content under each yardstick, then grain and color."""
    row = [v for y in yardsticks for v in measures.style_and_content(y, x, *pictures)]
    return [*row, measures.grain(x, *pictures), measures.color(x, pictures[1])]


def at_ratios(methods: list[Method], ratios: list[float]) -> Iterator[Method]:
    """Each method at each ratio; a convention has a ratio of its own."""
    for method in methods:
        if method.convention or not ratios:
            yield method
        else:
            for ratio in ratios:
                settings = method.settings | {"ratio": ratio}
                yield Method(method.name, method.network, "", settings)


def plot(path: str, means: dict[str, list[list[float]]]) -> None:
    """A curve of style and content, under the first yardstick, for each method."""
    import matplotlib.pyplot as plt

    axes = plt.figure(figsize=(7, 5)).gca()
    for name, points in means.items():
        style, content = np.array(points)[:, :2].T
        label = re.sub(r"[^,]*/", "", name)  # without folders
        axes.plot(style, content, "o-", label="\n".join(textwrap.wrap(label, 48)))
    axes.set(xscale="log", xlabel="style", ylabel="content")
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    axes.figure.savefig(path, dpi=150, bbox_inches="tight")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", default=["tiny", "random"])
    parser.add_argument("--yardsticks", nargs="+", default=YARDSTICKS)
    parser.add_argument("--folder", type=Path, default=Path("judged"))
    parser.add_argument("--sheet", default="judge.png")
    parser.add_argument("--plot", help="a file for the style-content plot (needs matplotlib)")
    parser.add_argument("--ratios", default="", help="such as 3e-3,1e-2,3e-2")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, help="of the methods that do not set them")
    parser.add_argument("--only", default="", help="pairs whose name contains one of these")
    return parser.parse_args()


def main() -> None:
    """Transfer, measure, print a line for each result, write the sheet and the plot."""
    o = arguments()
    o.folder.mkdir(parents=True, exist_ok=True)
    given = {"size": o.size} | ({"iterations": o.iterations} if o.iterations else {})
    ratios = [float(r) for r in o.ratios.split(",") if r]
    methods = at_ratios([read_method(text, given) for text in o.methods], ratios)
    yardsticks = [load_network(path) for path in o.yardsticks]
    chosen = pairs(o.size, o.only)
    rows = [[p for p, _ in chosen.values()], [a for _, a in chosen.values()]]
    heads = [f"{word} {Path(y).stem}" for y in o.yardsticks for word in ("style", "content")]
    print(" | ".join(["method", "ratio", "pair", *heads, "grain", "color"]))
    means: dict[str, list[list[float]]] = {}
    for method in methods:
        results = [result(method, name, pair, o.folder) for name, pair in chosen.items()]
        table = [
            figures(yardsticks, x, pair) for x, pair in zip(results, chosen.values(), strict=True)
        ]
        ratio = method.settings.get("ratio", "")
        for name, row in zip(
            [*chosen, f"mean of {len(chosen)}"], [*table, np.mean(table, 0)], strict=True
        ):
            numbers = " | ".join(f"{v:.3f}" for v in row)
            print(f"{method.name} | {ratio} | {name} | {numbers}", flush=True)
        means.setdefault(method.name, []).append(np.mean(table, 0).tolist())
        rows.append(results)
    cell = scaled_size(o.size, rows[0][0].shape)
    write_picture(o.sheet, make_contact_sheet(rows, cell))
    if o.plot:
        plot(o.plot, means)


if __name__ == "__main__":
    main()
