"""The VGG files that circulate: where they are, how they are recognized, whose they are."""

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
    "attribution": "trained anew by the authors of torchvision; the network is that of "
    "K. Simonyan, A. Zisserman, ICLR 2015",
}
TINY = {
    "license": "BSD-3-Clause",
    "source": "ships with nst_numpy, see weights/README.md",
}


@dataclass(frozen=True)
class PublishedFile:
    """A published file.

    Attributes
    ----------
    network : {"vgg19", "vgg16"}
    name : str
        Of the source, as ``nst-numpy weights fetch --source`` takes it.
    address : str
        Folder on the network.
    file : str
    checksums : tuple of str
        ``md5:...`` or ``sha256:...``, one for each edition that is known. Fewer digits than the
        algorithm gives are the first ones, where no more are known.
    megabytes : int
        To be downloaded, about.
    preprocessing : str
        One of `nst_numpy.networks.preprocessing.PREPROCESSINGS`.
    rights : dict of str to str
        License and attribution.
    """

    network: str
    name: str
    address: str
    file: str
    checksums: tuple[str, ...]
    megabytes: int
    preprocessing: str
    rights: dict[str, str]

    @property
    def about(self) -> dict[str, str]:
        """What to write into a file that is made from this one."""
        return {"source": f"{self.address}/{self.file}", **self.rights}


_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
_NOTOP = "weights_tf_dim_ordering_tf_kernels_notop.h5"
_TORCH = "https://download.pytorch.org/models"
_CAFFE = "https://web.eecs.umich.edu/~justincj/models"
_VLFEAT = "https://www.vlfeat.org/matconvnet/models"

# The first source of a network is the one that is taken if none is asked for.
SOURCES = (
    PublishedFile(
        *("vgg19", "keras", f"{_KERAS}/vgg19", f"vgg19_{_NOTOP}"),
        *(("md5:253f8cb515780f3b799900260a226db6",), 80, "caffe", SIMONYAN),
    ),
    PublishedFile(
        *("vgg16", "keras", f"{_KERAS}/vgg16", f"vgg16_{_NOTOP}"),
        *(("md5:6d6bbae143d832006294945121d1f1fc",), 59, "caffe", SIMONYAN),
    ),
    PublishedFile(
        *("vgg19", "torchvision", _TORCH, "vgg19-dcbb9e9d.pth"),
        ("sha256:dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",),
        *(575, "torchvision", TORCHVISION),
    ),
    PublishedFile(
        *("vgg16", "torchvision", _TORCH, "vgg16-397923af.pth"),
        ("sha256:397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",),
        *(553, "torchvision", TORCHVISION),
    ),
    PublishedFile(
        *("vgg19", "caffe", _CAFFE, "vgg19-d01eb7cb.pth"),
        *(("sha256:d01eb7cb",), 575, "caffe", SIMONYAN),
    ),
    PublishedFile(
        *("vgg16", "caffe", _CAFFE, "vgg16-00b39a1b.pth"),
        *(("sha256:00b39a1b",), 553, "caffe", SIMONYAN),
    ),
    PublishedFile(
        *("vgg19", "matconvnet", _VLFEAT, "imagenet-vgg-verydeep-19.mat"),
        ("md5:106118b7cf60435e6d8e04f6a6dc3657", "md5:8ee3263992981a1d26e73b3ca028a123"),
        *(576, "rgb", SIMONYAN),
    ),
)


def identify_source(
    path: File, sources: Sequence[PublishedFile] = SOURCES
) -> tuple[PublishedFile | None, str]:
    """The source whose checksum a file has, and that checksum; (None, "") if it has none's."""
    found = checksums(path)
    for source in sources:
        for wanted in source.checksums:
            algorithm = wanted.partition(":")[0]
            if f"{algorithm}:{found[algorithm]}".startswith(wanted):
                return source, wanted
    return None, ""


def checksums(path: File) -> dict[str, str]:
    """{"md5": ..., "sha256": ...} of a file, read once, in pieces."""
    algorithms = {
        "md5": hashlib.md5(usedforsecurity=False),
        "sha256": hashlib.sha256(),
    }
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            for algorithm in algorithms.values():
                algorithm.update(piece)
    return {name: algorithm.hexdigest() for name, algorithm in algorithms.items()}
