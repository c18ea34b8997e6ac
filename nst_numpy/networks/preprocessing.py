"""What the first layer of a network expects, and its conversion to RGB, 0..255, minus a mean."""

from collections.abc import Collection

import numpy as np

from nst_numpy.networks.build_network import MEAN_RGB
from nst_numpy.networks.stored_arrays import AnyArray, RawWeights
from nst_numpy.utils.errors import unknown_name

PREPROCESSINGS = {
    "caffe": "BGR, 0..255, minus (103.939, 116.779, 123.68)",
    "rgb": "RGB, 0..255, minus the mean in the file or (123.68, 116.779, 103.939)",
    "torchvision": "RGB, 0..1, minus (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225)",
}
TORCHVISION_MEAN = np.array([0.485, 0.456, 0.406])  # of ImageNet, 0..1
TORCHVISION_STD = np.array([0.229, 0.224, 0.225])
MIN_COSINE = 0.95  # between two filters that are equal up to fine-tuning and rounding

# The first filter of conv1_1 in torchvision's networks, 3 x 3 numbers for each of R, G and B.
TORCHVISION_FILTERS = {
    "VGG-19": """
        -0.053474 -0.049257 -0.067942    0.015314 0.045068 0.0021444    0.036226 0.019999 0.019864
        0.017015 0.055403 -0.0062293     0.14165 0.22705 0.13758        0.12000 0.20030 0.092114
        -0.044885 0.012680 -0.014497     0.059742 0.13955 0.054102  -0.00096141 0.058304 -0.029663
    """,
    "VGG-16": """
        -0.5537 0.1427 0.5290    -0.5831 0.3566 0.7657     -0.6902 -0.0480 0.4841
        0.1755 0.0099 -0.0814    0.0441 -0.0703 -0.2604    0.1324 -0.1728 -0.1323
        0.3130 -0.1659 -0.4275   0.4752 -0.0827 -0.4870    0.6320 0.0193 -0.2775
    """,
}


def first_layer_to_rgb(
    weights: RawWeights, preprocessing: str, mean: AnyArray | None = None
) -> tuple[RawWeights, AnyArray]:
    """Convert conv1_1 so that it expects RGB, 0..255, minus a mean.

    With the preprocessing of Caffe, the channels are reversed. With that of torchvision, the
    network sees (x / 255 - m) / s = (x - 255 m) / (255 s), so conv1_1 is divided by 255 s, channel
    by channel, and the mean is 255 m. Without this the input would be about 58 times too large.

    Parameters
    ----------
    weights : dict of str to (K, b)
        Kernels (3, 3, C, N). Not modified.
    preprocessing : str
        One of `PREPROCESSINGS`.
    mean : (3,) array, optional
        RGB mean in the file, 0..255.

    Returns
    -------
    weights : dict of str to (K, b)
        With the converted conv1_1.
    mean : (3,) array
        RGB, 0..255.

    Raises
    ------
    InputError
        If the preprocessing is unknown.
    """
    if preprocessing not in PREPROCESSINGS:
        raise unknown_name("preprocessing", preprocessing, tuple(PREPROCESSINGS))
    K, b = weights.get("conv1_1", (np.empty(0), np.empty(0)))
    if K.ndim == 4 and K.shape[2] == 3:
        if preprocessing == "caffe":
            K = K[:, :, ::-1]
        elif preprocessing == "torchvision":
            K = K / (255 * TORCHVISION_STD)[:, None]
        weights = weights | {"conv1_1": (K, b)}
    if preprocessing == "torchvision":
        return weights, 255 * TORCHVISION_MEAN
    return weights, MEAN_RGB if mean is None or preprocessing == "caffe" else mean


def guess_torch_preprocessing(names: Collection[str], K: AnyArray | None) -> tuple[str, str]:
    """Distinguish torchvision's networks from those converted from Caffe with the same names.

    The size of the weights does not help: conv1_1 of the VGG release has weights as large as
    torchvision's; only its activations are larger. So the direction of the first filter is
    compared with torchvision's own. Neither rounding nor normalization changes it.

    Parameters
    ----------
    names : collection of str
        All names in the file.
    K : (3, 3, 3, N) array or None
        Kernel of conv1_1, with the channel order of the file.

    Returns
    -------
    preprocessing, reason : str
    """
    full = K is not None and K.shape[:3] == (3, 3, 3) and K.shape[3] == 64
    if K is not None and full:
        filter0 = K[..., 0].transpose(2, 0, 1).ravel()
        for network, text in TORCHVISION_FILTERS.items():
            if _cosine(filter0, np.array(text.split(), float)) > MIN_COSINE:
                return "torchvision", f"first filter of torchvision's {network}"
    if any(str(name).endswith("classifier.1.weight") for name in names):
        return "caffe", "dense layers numbered as in the conversion from Caffe"
    if full:
        return "caffe", "layer names of torchvision, but other filters; assumed from Caffe"
    return "torchvision", "assumed from the layer names of torchvision"


def _cosine(u: AnyArray, v: AnyArray) -> float:
    """Cosine of the angle between two vectors; 0 if one is zero or not finite."""
    u = np.asarray(u, np.float64)
    norm = np.linalg.norm(u) * np.linalg.norm(v)
    return float(u @ v / norm) if np.isfinite(norm) and norm > 0 else 0.0
