"""The weighted terms that an image is compared with, and their sum, the objective of a job.

`nst_numpy.transfer.build_loss_terms` builds the terms, and `nst_numpy.transfer.evaluation`
evaluates them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from nst_numpy.losses import total_variation
from nst_numpy.losses.gram import gram_loss
from nst_numpy.losses.moments import MomentLoss, Moments
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, Loss


@dataclass(frozen=True)
class ContentTerm:
    """Eq. 1 at one layer; a sum over positions.

    Attributes
    ----------
    name : str
        ``"content conv4_2"``, ...
    layer : str
    weight : float
    P : (N, M) array
        Feature map of the content image.
    """

    name: str
    layer: str
    weight: float
    P: Array = field(repr=False)


@dataclass(frozen=True)
class StyleTerm:
    """A loss of the moments at one layer, by region.

    Attributes
    ----------
    name : str
        ``"style conv1_1"``, ...
    layer : str
    weight : float
    loss : callable
        ``loss(m, a) -> (L, dL_dmu, dL_dS)``, of `nst_numpy.losses.MOMENT_LOSSES`.
    a : tuple of R Moments or None
        Target moments by region. None where the content or the styles lack the region: it is left
        out. Without masks there is one region.
    masks : (R, M) array or None
        Share of each position in each region; None for the whole feature map.
    """

    name: str
    layer: str
    weight: float
    loss: MomentLoss
    a: tuple[Moments | None, ...] = field(repr=False)
    masks: Array | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FeatureMapTerm:
    """Any loss of the feature map at one layer; it needs the whole feature map at once.

    Attributes
    ----------
    name : str
    layer : str
    weight : float
    loss : callable
        ``loss(F) -> (L, dL_dF)``, F (N, M).
    reason : str
        Why the term cannot be computed in tiles, for messages: a noun phrase.
    """

    name: str
    layer: str
    weight: float
    loss: Loss
    reason: str


@dataclass(frozen=True)
class PixelTerm:
    """A loss of the pixels.

    Attributes
    ----------
    name : str
        ``"tv"``, ``"laplacian"``, ...
    weight : float
    loss : callable
        ``loss(x) -> (L, dL_dx)``, x (H, W, 3).
    """

    name: str
    weight: float
    loss: Loss


LayerTerm: TypeAlias = ContentTerm | StyleTerm | FeatureMapTerm
Term: TypeAlias = LayerTerm | PixelTerm


@dataclass(frozen=True)
class Objective:
    """A weighted sum of losses of an image, L = sum_t weight_t loss_t.

    Attributes
    ----------
    encoder : Encoder
        How the image becomes feature maps.
    terms : tuple of terms
        Values of terms with the same name add up.
    luminance_only : bool
        Whether only gray images are considered: the derivative is projected onto them
        (`nst_numpy.transfer.color_control.gray_derivative`).

    Raises
    ------
    InputError
        If the encoder has tiles and a term cannot be computed in tiles.
    """

    encoder: Encoder
    terms: tuple[Term, ...]
    luminance_only: bool = False

    def __post_init__(self) -> None:
        reasons = untileable(self.terms)
        if self.encoder.tile_rows is not None and reasons:
            raise InputError(f"These terms cannot be computed in tiles: {', '.join(reasons)}.")

    @property
    def is_paper_sum(self) -> bool:
        """Whether this is the paper's own sum, which `nst_numpy.objective.total_loss` evaluates.

        That is eq. 7 with at most one content layer, with eq. 4 without regions, and with the
        squared total variation; on the whole picture.
        """
        content = [t for t in self.terms if isinstance(t, ContentTerm)]
        style = [t for t in self.terms if isinstance(t, StyleTerm) and _is_eq4(t)]
        tv = [t for t in self.terms if isinstance(t, PixelTerm) and t.loss is total_variation]
        names = {f"content {t.layer}" for t in content} | {f"style {t.layer}" for t in style}
        names |= {"tv"} if tv else set()
        return (
            self.encoder.tile_rows is None
            and bool(content or style)
            and len(content) <= 1
            and len(names) == len(self.terms) == len(content) + len(style) + len(tv)
            and names == {t.name for t in self.terms}
        )


def _is_eq4(term: StyleTerm) -> bool:
    """Whether a style term is eq. 4 of the whole feature map."""
    return term.loss is gram_loss and term.masks is None


def untileable(terms: Iterable[Term]) -> tuple[str, ...]:
    """Reasons why an objective cannot be computed in tiles, each once; empty if it can."""
    return tuple(dict.fromkeys(t.reason for t in terms if isinstance(t, FeatureMapTerm)))
