"""What a transfer returns."""

from dataclasses import dataclass, field

from nst_numpy.utils.types import Image, Picture, Series


@dataclass(frozen=True)
class Result:
    """The picture of a job and the record of its losses.

    Attributes
    ----------
    picture : (H, W, 3) uint8 array
    losses : (iterations + 1,) float64 array
        Total loss at the start and after each iteration.
    terms : dict of str to (iterations + 1,) float64 array
        The weighted terms of the loss: ``"content conv4_2"``, ``"style conv1_1"``, ...
    reason : str
        Why the optimization stopped.
    seconds : float
        Time spent on the targets and the optimization.
    earlier : tuple of Result
        Results of the coarser scales, the coarsest first (`nst_numpy.transfer.multiscale`).
    gradients : dict of str to (H, W, 3) array
        Derivative of each term with respect to the pixels of the final picture, if requested.
    """

    picture: Picture
    losses: Series
    terms: dict[str, Series]
    reason: str
    seconds: float
    earlier: tuple["Result", ...] = ()
    gradients: dict[str, Image] = field(default_factory=dict)
