"""Published VGG files: where to download them, their checksums, and their licenses."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from nst_numpy.utils.types import File

SIMONYAN = {
    "license": "CC BY 4.0",
    "attribution": "K. Simonyan, A. Zisserman, Very Deep Convolutional Networks for Large-Scale "
    "Image Recognition, ICLR 2015",
}
TORCHVISION = {
    "license": "BSD-3-Clause",
    "attribution": "trained by the authors of torchvision; architecture of K. Simonyan, "
    "A. Zisserman, ICLR 2015",
}
TINY = {
    "license": "BSD-3-Clause",
    "source": "ships with nst_numpy, see weights/README.md",
}


@dataclass(frozen=True)
class PublishedFile:
    """A published weights file.

    Attributes
    ----------
    network : {"vgg19", "vgg16"}
    source : str
        Who publishes it, for ``nst-numpy weights fetch --source``.
    address : str
        URL of the folder.
    file : str
        Name of the file.
    checksums : tuple of str
        ``md5:...`` or ``sha256:...``, one for each known version of the file. May be shorter than
        a complete checksum where only its first digits are published.
    megabytes : int
        Approximate size of the download.
    preprocessing : str
        One of `nst_numpy.networks.preprocessing.PREPROCESSINGS`.
    rights : dict of str to str
        License and attribution.
    """

    network: str
    source: str
    address: str
    file: str
    checksums: tuple[str, ...]
    megabytes: int
    preprocessing: str
    rights: dict[str, str]

    @property
    def largest_size(self) -> int:
        """Upper limit of the size of the file in bytes, given that `megabytes` is rounded."""
        return (self.megabytes + 1 + self.megabytes // 20) * 1_000_000

    @property
    def about(self) -> dict[str, str]:
        """What to store in a file that is made from this one."""
        return {"source": f"{self.address}/{self.file}", **self.rights}


_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
_NOTOP = "weights_tf_dim_ordering_tf_kernels_notop.h5"
_TORCH = "https://download.pytorch.org/models"
_CAFFE = "https://web.eecs.umich.edu/~justincj/models"
_VLFEAT = "https://www.vlfeat.org/matconvnet/models"

# The first file of a network is the default source.
PUBLISHED_FILES = (
    PublishedFile(
        network="vgg19",
        source="keras",
        address=f"{_KERAS}/vgg19",
        file=f"vgg19_{_NOTOP}",
        checksums=("md5:253f8cb515780f3b799900260a226db6",),
        megabytes=80,
        preprocessing="caffe",
        rights=SIMONYAN,
    ),
    PublishedFile(
        network="vgg16",
        source="keras",
        address=f"{_KERAS}/vgg16",
        file=f"vgg16_{_NOTOP}",
        checksums=("md5:6d6bbae143d832006294945121d1f1fc",),
        megabytes=59,
        preprocessing="caffe",
        rights=SIMONYAN,
    ),
    PublishedFile(
        network="vgg19",
        source="torchvision",
        address=_TORCH,
        file="vgg19-dcbb9e9d.pth",
        checksums=("sha256:dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",),
        megabytes=575,
        preprocessing="torchvision",
        rights=TORCHVISION,
    ),
    PublishedFile(
        network="vgg16",
        source="torchvision",
        address=_TORCH,
        file="vgg16-397923af.pth",
        checksums=("sha256:397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",),
        megabytes=553,
        preprocessing="torchvision",
        rights=TORCHVISION,
    ),
    PublishedFile(
        network="vgg19",
        source="caffe",
        address=_CAFFE,
        file="vgg19-d01eb7cb.pth",
        checksums=("sha256:d01eb7cb",),
        megabytes=575,
        preprocessing="caffe",
        rights=SIMONYAN,
    ),
    PublishedFile(
        network="vgg16",
        source="caffe",
        address=_CAFFE,
        file="vgg16-00b39a1b.pth",
        checksums=("sha256:00b39a1b",),
        megabytes=553,
        preprocessing="caffe",
        rights=SIMONYAN,
    ),
    PublishedFile(
        network="vgg19",
        source="matconvnet",
        address=_VLFEAT,
        file="imagenet-vgg-verydeep-19.mat",
        checksums=(
            "md5:106118b7cf60435e6d8e04f6a6dc3657",
            "md5:8ee3263992981a1d26e73b3ca028a123",
        ),
        megabytes=576,
        preprocessing="rgb",
        rights=SIMONYAN,
    ),
)


def identify_file(
    path: File, published: Sequence[PublishedFile] = PUBLISHED_FILES
) -> tuple[PublishedFile | None, str]:
    """Find a published file by its checksum.

    Parameters
    ----------
    path : str or path
    published : sequence of PublishedFile
        The candidates.

    Returns
    -------
    file : PublishedFile or None
        None if no checksum matches.
    checksum : str
        The checksum that matches; empty if none does.
    """
    found = checksums(path)
    for file in published:
        for checksum in file.checksums:
            algorithm = checksum.partition(":")[0]
            if f"{algorithm}:{found[algorithm]}".startswith(checksum):
                return file, checksum
    return None, ""


def checksums(path: File) -> dict[str, str]:
    """The checksums {"md5": ..., "sha256": ...} of a file, which is read once, in pieces."""
    algorithms = {
        "md5": hashlib.md5(usedforsecurity=False),
        "sha256": hashlib.sha256(),
    }
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            for algorithm in algorithms.values():
                algorithm.update(piece)
    return {name: algorithm.hexdigest() for name, algorithm in algorithms.items()}
