"""What the first layer of a network expects, turned into red, green, blue, 0..255 minus a mean."""

import numpy as np

from nst_numpy.networks.build_network import MEAN_RGB
from nst_numpy.utils.errors import unknown_name

PREPROCESSINGS = {
    "caffe": "blue, green, red, 0..255, minus (103.939, 116.779, 123.68)",
    "rgb": "red, green, blue, 0..255, minus its own mean, or (123.68, 116.779, 103.939)",
    "torchvision": "red, green, blue, 0..1, minus (0.485, 0.456, 0.406), "
    "divided by (0.229, 0.224, 0.225)",
}
TORCHVISION_MEAN = np.array([0.485, 0.456, 0.406])  # of ImageNet, 0..1, as torchvision has it
TORCHVISION_STD = np.array([0.229, 0.224, 0.225])
ALIKE = 0.95  # cosine between two filters above which they are the same, fine-tuned or rounded

# The first filter of conv1_1 as torchvision's networks print it: three rows for each of red,
# green and blue.
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


def to_rgb(weights, preprocessing, mean=None):
    """Turn the first layer so that it reads red, green, blue, 0..255 minus a mean.

    With caffe's preprocessing the channels change places. With torchvision's the network sees
    (x / 255 - m) / s = (x - 255 m) / (255 s), so conv1_1 is divided by 255 s, channel by
    channel, and the mean is 255 m: without that the input would be about 58 times too large.

    Parameters
    ----------
    weights : dict of str to (K, b)
        Kernels (3, 3, C, N); conv1_1 is replaced, in the dict.
    preprocessing : str
        One of `PREPROCESSINGS`.
    mean : (3,) array, optional
        Of a file that brings its own, red, green, blue, 0..255.

    Returns
    -------
    mean : (3,) array
        Red, green, blue, 0..255.
    """
    if preprocessing not in PREPROCESSINGS:
        raise unknown_name("preprocessing", preprocessing, tuple(PREPROCESSINGS))
    K, b = weights.get("conv1_1", (np.empty(0), np.empty(0)))
    if K.ndim == 4 and K.shape[2] == 3 and preprocessing == "caffe":
        weights["conv1_1"] = K[:, :, ::-1], b
    if K.ndim == 4 and K.shape[2] == 3 and preprocessing == "torchvision":
        weights["conv1_1"] = K / (255 * TORCHVISION_STD)[:, None], b
    if preprocessing == "torchvision":
        return 255 * TORCHVISION_MEAN
    return MEAN_RGB if mean is None or preprocessing == "caffe" else mean


def of_torch_names(names, K):
    """Tell torchvision's networks from those converted from Caffe, under the same names.

    The size of the kernels tells nothing: conv1_1 of the VGG release has numbers as large as
    torchvision's, its activations are what is larger. So the first filter is compared with
    torchvision's own, by its direction, which neither rounding nor normalization changes.

    Parameters
    ----------
    names : collection of str
        All names in the file.
    K : (3, 3, 3, N) array
        Kernel of conv1_1, channels as in the file.

    Returns
    -------
    preprocessing, reason : str
    """
    full = K is not None and K.shape[:3] == (3, 3, 3) and K.shape[3] == 64
    for network, filter0 in TORCHVISION_FILTERS.items() if full else ():
        if _cosine(K[..., 0].transpose(2, 0, 1).ravel(), np.array(filter0.split(), float)) > ALIKE:
            return "torchvision", f"the first filter is that of torchvision's {network}"
    if any(str(name).endswith("classifier.1.weight") for name in names):
        return "caffe", "the dense layers have the numbers of the conversion from Caffe"
    if full:
        return "caffe", "torchvision's names, but not its filters: taken for one from Caffe"
    return "torchvision", "assumed from torchvision's names"


def _cosine(u, v):
    """Cosine of the angle between two vectors; 0 if one is zero or not finite."""
    u = np.asarray(u, np.float64)
    norm = np.linalg.norm(u) * np.linalg.norm(v)
    return u @ v / norm if np.isfinite(norm) and norm > 0 else 0.0
