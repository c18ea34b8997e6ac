"""The method of Gatys et al. 2015, complete, with public functions of nst_numpy.

python examples/minimal.py photo.jpg painting.jpg out.png [size] [iterations]
"""

import sys

from nst_numpy import lbfgs, load_network, read_picture, targets, total_loss, write_picture

photo, painting, output = sys.argv[1:4]
size, iterations = [int(word) for word in sys.argv[4:]] or [384, 100]  # pixels of the longer side

p = read_picture(photo, size)  # content image: (H, W, 3) float32, red, green, blue, 0..255
a = read_picture(painting, size)  # style image, of any shape
network = load_network("tiny")  # the small VGG that ships; "vgg19" is the network of the paper

# Targets: feature maps P of the content image, Gram matrices A of the style image (eq. 3).
content_layer = "conv4_2"
style_layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
goal = targets(p, a, network, [content_layer], style_layers)

# Weights of eqs. 5 and 7.
w = {l: 1 / len(style_layers) for l in style_layers}
alpha, beta = 3e-3 / goal.P[content_layer].size, 1.0


def loss_and_gradient(x):
    """Return L_total (eq. 7) and dL_total/dx by one forward and one backward pass."""
    L, dL_dx, _ = total_loss(x, goal, network, alpha, beta, w)
    return L, dL_dx


def report(iteration, x, L):
    print(f"iteration {iteration}: loss {L:.6f}")


x, reason = lbfgs(loss_and_gradient, p, (0, 255), report, iterations)
write_picture(output, x)
