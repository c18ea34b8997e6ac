"""Mean activations of a network by layer, over pictures: `nst_numpy.paper.convention_weights`.

python benchmarks/activations.py ../shared/weights/vgg16.h5 ../shared/images/*.jpg
"""

import argparse

import numpy as np

from nst_numpy import load_network, read_picture, vgg
from nst_numpy.images.samples import sample_picture

SAMPLES = ("pagoda", "chelsea", "mosaic", "evening", "woodcut")
SIZE = 256  # pixels


def main() -> None:
    """Print mean and relative deviation over the pictures for each layer."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("network")
    parser.add_argument("pictures", nargs="*", help="in addition to the sample pictures")
    o = parser.parse_args()
    network = load_network(o.network)
    layers = [l for l in network.layers if l.startswith("conv")]
    pictures = [sample_picture(name, SIZE) for name in SAMPLES]
    pictures += [read_picture(path, SIZE) for path in o.pictures]
    found = []
    for picture in pictures:
        F, _ = vgg.forward(network, picture.astype(np.float32), layers, "max", "zero")
        found.append([F[l].mean() for l in layers])
    means = np.array(found)  # (pictures, layers)
    for l, mean, deviation in zip(layers, means.mean(axis=0), means.std(axis=0), strict=True):
        print(f"{l}: {mean:8.2f}, deviation {deviation / mean:.2f}")


if __name__ == "__main__":
    main()
