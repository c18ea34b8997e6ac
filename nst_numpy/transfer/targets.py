"""What the generated image is compared with: feature maps and moments of the job's pictures."""

from collections.abc import Collection

from nst_numpy.losses import Moments, empty_regions
from nst_numpy.losses.moments import moments_of
from nst_numpy.transfer.encoder import Encoder, feature_maps, layer_sums
from nst_numpy.transfer.nonfinite import check_activations
from nst_numpy.utils.types import ByLayer, Image


def map_targets(a: Image, encoder: Encoder, layers: Collection[str]) -> ByLayer:
    """Feature maps of a content or style image by layer.

    Parameters
    ----------
    a : (H, W, 3) array, dtype of the network
    encoder : Encoder
    layers : collection of str

    Returns
    -------
    dict of str to (N_l, M_l) array

    Raises
    ------
    NotFinite
        If an activation is not finite.
    """
    F = feature_maps(encoder, a, layers)
    check_activations(encoder, a, F)
    return F


def moment_targets(
    a: Image, encoder: Encoder, layers: Collection[str], masks: ByLayer | None = None
) -> dict[str, list[Moments | None]]:
    """Moments of a style image by layer and region, None where the region is empty.

    Parameters
    ----------
    a : (H, W, 3) array, dtype of the network
    encoder : Encoder
    layers : collection of str
        At least one.
    masks : dict of str to (R, M_l) array, optional
        Regions by layer; one region that is the whole picture if not given.

    Returns
    -------
    dict of str to list of R Moments or None

    Raises
    ------
    NotFinite
        If an activation is not finite.
    """
    found = layer_sums(encoder, a, layers, masks)
    check_activations(encoder, a, {l: sums[0].first for l, sums in found.items()})
    empty = {l: empty_regions(masks[l]) if masks else [] for l in layers}
    return {
        l: [None if r in empty[l] else moments_of(sums) for r, sums in enumerate(found[l])]
        for l in layers
    }
