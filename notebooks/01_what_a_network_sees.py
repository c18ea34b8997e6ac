# %% [markdown]
# # 1. What a network sees
#
# The paper paints a picture by asking a network what it sees in one, and changing the picture until
# the answer is the wanted one. So the first thing to know is what such an answer looks like.
#
# **What you will be able to do**
#
# - read VGG-19 as a table, and say of each layer how many numbers it holds and how much of the
#   picture one of them looks at;
# - compute a convolution, a ReLU and a pooling by hand, and write the whole network as one loop;
# - explain why a high layer cannot know the pixels any more.
#
# **Prerequisites**: NumPy arrays and sums with indices. No calculus, nothing about neural networks.
#
# **Time**: about 45 minutes. Next: [2. The content loss](02_the_content_loss.ipynb).

# %%
from dataclasses import replace

import numpy as np
from figures import show_curves, show_numbers, show_pictures

from nst_numpy import VGG19, layers, load_network, vgg
from nst_numpy.images.samples import sample_picture

network = load_network("tiny")  # the network that ships: VGG-16 to conv5_1, with fewer filters
p = sample_picture("chelsea", 160)  # a photograph, its longer side 160 pixels
print("picture:", p.shape, p.dtype, f"{p.min():.0f}..{p.max():.0f}")

# %% [markdown]
# A picture is an array of the shape (height, width, 3): red, green and blue, each 0..255.
#
# ## 1.1 The network is a table
#
# The paper uses the 16 convolutions and 5 poolings of VGG-19 [Simonyan & Zisserman 2015] and leaves
# out the layers behind them, which name objects. Five blocks of convolutions, each followed by a
# pooling that halves width and height:

# %%
print(VGG19)

# %% [markdown]
# `conv3_2` is the second convolution of the third block. Every convolution is followed by a ReLU,
# and in this package a layer's name always means its output *after* the ReLU.
#
# The output of layer $l$ is a stack of $N_l$ pictures, one for each of its **filters**, called
# **feature maps**. Put the $M_l$ = height × width positions of each map into one row, and the
# layer's answer is a matrix, the letter of the whole paper:
#
# $$F^l \in \mathbb{R}^{N_l \times M_l}, \qquad
# F^l_{ik} = \text{what filter } i \text{ answers at position } k .$$
#
# How many pixels does one position look at? Let one position of a layer see $r$ pixels across, and
# the next position the same, $j$ pixels further on. A 3 × 3 convolution reads a position and its
# neighbors on both sides. A 2 × 2 pooling reads a position and one neighbor, and keeps only every
# second position:
#
# $$\text{convolution: } r \leftarrow r + 2j \qquad\qquad
# \text{pooling: } r \leftarrow r + j, \quad j \leftarrow 2j .$$
#
# $r$ is called the **receptive field**. The table of the network, computed by these two rules:

# %%
H, W, C = p.shape
r, j = 1, 1
field = {}
print("layer     H x W       N      M      N M      r   weights")
for l in network.layers:
    if l.startswith("conv"):
        r += 2 * j
        N = network.weights[l][1].size
        n_weights = 9 * C * N + N  # a 3 x 3 kernel from C channels to N filters, and N biases
    else:
        r += j
        j *= 2
        H, W, N, n_weights = H // 2, W // 2, C, 0
    field[l] = r
    print(f"{l}  {H:3} x {W:3}  {N:4}  {H * W:5}  {N * H * W:7}  {r:5}  {n_weights:8}")
    C = N

# %% [markdown]
# VGG-19 itself has 64, 128, 256, 512 and 512 filters in its blocks; this one makes do with fewer.
# It is a thin VGG-16, which has three convolutions instead of four in blocks 3 and 4. Everything
# else is the same, and no line of code changes with the widths or the depth.
#
# Upward the maps get smaller, the filters more, and each number looks at more of the picture. At
# `conv5_1` one number depends on 132 × 132 pixels.
#
# Is that so? Take one position in the middle of a layer and ask the network by how much each pixel
# moves it: $\partial F_{ik} / \partial x$, the derivative that [notebook
# 4](04_backpropagation.ipynb) will compute by hand. Where it is not zero, the position sees the
# pixel. (A ReLU can hide pixels, so for this test all kernels are made positive: then nothing is
# ever cut off.)

# %%
precise = network.astype(np.float64)
positive = replace(precise, weights={l: (abs(K), abs(b)) for l, (K, b) in precise.weights.items()})


def seen_by(network, picture, l):
    """|dF/dx| for a layer's middle position, all filters and all colors together: (H, W)."""
    F, tape = vgg.forward(network, picture, [l])
    height, width = (n // 2 ** (int(l[4]) - 1) for n in picture.shape[:2])
    dL_dF = np.zeros_like(F[l])
    dL_dF[:, height // 2 * width + width // 2] = 1
    return np.abs(vgg.backward(network, {l: dL_dF}, tape)).sum(axis=2)


gray = np.full((192, 192, 3), 200.0)
taps = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
for l in taps:
    rows = np.flatnonzero(seen_by(positive, gray, l).sum(axis=1))
    across = rows.max() - rows.min() + 1
    print(f"{l}: rule {field[l]:3} pixels, found {across:3}")
    assert across == field[l]

# %% [markdown]
# The rule counts every pixel that can matter at all. With the true weights, most of the influence
# comes from the middle:

# %%
square = sample_picture("window", 192).astype(np.float64)
influence = [np.sqrt(seen_by(precise, square, l)) for l in taps]
show_pictures(influence, [f"{l}: r = {field[l]}" for l in taps], width=1.7)

# %% [markdown]
# *Square root of |dF/dx| for the middle position of a layer, 192 × 192 pixels, each picture on its
# own scale; white is the strongest.*
#
# ## 1.2 A convolution, by hand
#
# Each output $y$ is a weighted sum of a pixel and its eight neighbors, over all $C$ channels, plus
# a bias. The same weights $K$ are used at every place:
#
# $$y_{i,j,n} = b_n + \sum_{u=0}^{2} \sum_{v=0}^{2} \sum_{c}
# x_{i+u-1,\; j+v-1,\; c}\; K_{u,v,c,n} ,$$
#
# with $x = 0$ outside of the picture. (A mathematician calls it a correlation: a convolution would
# flip $K$. Every release of VGG means this formula.) Read it aloud as loops:


# %%
def convolution_by_hand(x, K, b):
    H, W, C = x.shape
    N = b.size
    y = np.zeros((H, W, N))
    for i in range(H):
        for j in range(W):
            for n in range(N):
                y[i, j, n] = b[n]
                for u in range(3):
                    for v in range(3):
                        inside = 0 <= i + u - 1 < H and 0 <= j + v - 1 < W
                        for c in range(C) if inside else ():
                            y[i, j, n] += x[i + u - 1, j + v - 1, c] * K[u, v, c, n]
    return y


x = np.array(
    [[0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 0, 9, 9], [0, 0, 0, 0, 9]], float
)
K = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], float)
y = convolution_by_hand(x[:, :, None], K[:, :, None, None], np.zeros(1))
show_numbers([x, K, y[:, :, 0]], ["x, a 5 x 5 picture", "K", "y"])

# %% [markdown]
# Follow one number. For $y_{2,1}$ (third row, second column) lay $K$ over the rows 1 to 3 and the
# columns 0 to 2 of $x$: $-1 \cdot 0 + 1 \cdot 9$ in the first row, the same in the second,
# $-1 \cdot 0 + 1 \cdot 0$ in the third. Sum: 18. This $K$ subtracts the left neighbors from the
# right ones. It answers where dark turns to bright from left to right, and with a minus where
# bright turns to dark.
#
# Look at the last column: $-27$, though the picture has no edge there. The zeros outside of the
# picture make one. Everything the network says about a border is colored by that frame of zeros,
# and it is the reason why `stylize` continues a picture by its mirror image before it starts and
# cuts the rim off at the end (`nst_numpy.transfer.margin.extend`).
#
# The package computes the same by nine matrix products, one for each cell $(u, v)$ of the kernel:
# the picture, shifted, times the matrix $K_{u,v}$ that turns $C$ channels into $N$. Open
# `nst_numpy.layers.convolution`: it is four lines.

# %%
rng = np.random.default_rng(0)
x, K, b = (rng.standard_normal(s) for s in ((7, 6, 3), (3, 3, 3, 4), 4))
by_hand, packaged = convolution_by_hand(x, K, b), layers.convolution(x, K, b)
print("largest difference:", f"{np.abs(by_hand - packaged).max():.1e}")
assert np.allclose(by_hand, packaged, rtol=1e-12)

# %% [markdown]
# ## 1.3 The ReLU
#
# $$F = \max(y, 0)$$
#
# keeps what is positive and puts 0 for the rest. That is all, and the network needs it: a
# convolution is linear, and so are two of them in a row (exercise 3). Without
# ReLUs the whole of VGG would be *one* linear filter, blind to anything that a single weighted sum
# of pixels cannot tell.
#
# It is also the first place where something gets lost for good: how *far* below zero $y$ was,
# nobody behind the ReLU can tell.

# %%
show_numbers([y[:, :, 0], layers.relu(y[:, :, 0])], ["y", "max(y, 0)"])

# %% [markdown]
# ## 1.4 Pooling
#
# Pooling makes one number of each 2 × 2 block: VGG took the largest, the paper takes the mean and
# finds the pictures "slightly more appealing". The package has both, the mean by default.

# %%
x = np.array([[8, 0, 1, 1], [0, 0, 1, 1], [4, -4, 6, 2], [-4, 4, 2, 6]], float)
mean = layers.average_pool(x[:, :, None])[:, :, 0]
largest, winner = layers.max_pool(x[:, :, None])
show_numbers([x, mean, largest[:, :, 0]], ["x", "mean", "largest"])

# %% [markdown]
# Compare the two blocks at the bottom. The mean of the left one is 0, as if nothing were there: a
# checkerboard inside of a block is invisible to average pooling. That is the second loss, and this
# one can be written down exactly: every pattern
#
# $$\begin{pmatrix} +a & -a \\ -a & +a \end{pmatrix}, \quad
# \begin{pmatrix} +a & -a \\ +a & -a \end{pmatrix}, \quad
# \begin{pmatrix} +a & +a \\ -a & -a \end{pmatrix}$$
#
# has the mean zero. Of four numbers, one survives.
#
# ## 1.5 The whole network is a loop
#
# You now have all the parts. Subtract the mean color that VGG was trained with, go through the
# table, keep what you are asked for:


# %%
def forward(network, x, taps):
    F = {}
    x = x - network.mean  # (H, W, 3)
    for l in network.layers:
        if l in network.weights:
            K, b = network.weights[l]
            x = layers.relu(layers.convolution(x, K, b))  # (H, W, N)
        else:
            x = layers.average_pool(x)  # (H // 2, W // 2, N)
        if l in taps:
            F[l] = x.reshape(-1, x.shape[2]).T  # (N, M)
    return F


small = sample_picture("chelsea", 48).astype(np.float64)
F_mine = forward(precise, small, taps)
F_package, _ = vgg.forward(precise, small, taps)
for l in taps:
    assert np.allclose(F_mine[l], F_package[l], rtol=1e-12)
    print(f"{l}: F is {F_mine[l].shape[0]:3} x {F_mine[l].shape[1]:4}, the same as the package's")

# %% [markdown]
# `nst_numpy.vgg.forward` is this loop, plus a note on each layer for the way back, which
# [notebook 4](04_backpropagation.ipynb) is about.
#
# ## 1.6 A photograph, layer by layer
#
# What does it look like? Of each layer, the four maps that vary most over a photograph:

# %%
photo = sample_picture("chelsea", 320)
F, _ = vgg.forward(network, photo, taps)
maps, titles = [], []
for l in taps:
    height, width = (n // 2 ** (int(l[4]) - 1) for n in photo.shape[:2])
    stack = F[l].reshape(-1, height, width)
    inside = stack[:, 1:-1, 1:-1]  # without the rim, where the zeros around the picture speak
    for i in np.argsort(-inside.std(axis=(1, 2)))[:4]:
        maps.append(stack[i])
        titles.append(f"{l}, filter {i}\n0..{stack[i].max():.0f}")
show_pictures([photo], ["the picture"], width=2.2)
show_pictures(maps, titles, columns=4, width=1.8)

# %% [markdown]
# *Feature maps of a photograph, white for the strongest answer, whose value stands above. The
# network's weights are scaled so that the mean answer of each filter over many pictures is about 1,
# as in the paper.*
#
# `conv1_1` answers to edges and colors, pixel by pixel. `conv2_1` and `conv3_1` answer to strokes
# of one direction, hairs and rims. At `conv4_1` each answer speaks of 60 × 60 pixels; what it means
# can only be guessed from the places where it is strong. Three of the four filters answer to the
# eyes. At `conv5_1`, 13 × 20 positions are left of 213 × 320 pixels, and the eyes are still where
# most of the answers are strong. (Faint bright rims are no part of the photograph: they are the
# zeros of section 1.2.)
#
# ## 1.7 Why higher layers lose pixels
#
# **By counting.** The picture holds $3 \cdot 106 \cdot 160 = 50\,880$ numbers, `conv5_1` of this
# network $384 \cdot 60 = 23\,040$ (of VGG-19 itself, 30,720). For small changes of a picture the
# network is a linear map: convolutions and means are linear, and so is a ReLU as long as no number
# crosses 0. A linear map from 50,880 numbers to 23,040 sends a space of at least 27,840 dimensions
# to zero: there are that many independent ways to change the picture a little of which `conv5_1`
# notices nothing.
#
# **By trying.** Which changes does a layer miss? Change the picture in four ways, three of them of
# the same size (a root mean square of 10 gray levels), and see by how much each layer's answer
# changes, relative to the answer:
#
# $$\frac{\lVert F^l(x + d) - F^l(x) \rVert}{\lVert F^l(x) \rVert} .$$

# %%
from scipy.ndimage import gaussian_filter

H, W, _ = p.shape
i, j = np.mgrid[:H, :W]
noise = rng.standard_normal((H, W, 1))
changes = {
    "checkerboard, cells of 1 pixel": (-1.0) ** (i + j)[:, :, None],
    "grain of each pixel and color": rng.standard_normal(p.shape),
    "spots of about 10 pixels": gaussian_filter(noise, (4, 4, 0)),
}
changed = {name: p + 10 * d / np.sqrt(np.mean(d * d)) for name, d in changes.items()}
changed["moved by 1 pixel"] = np.roll(p, 1, axis=1)
eye = np.s_[34:68, 84:118]
details = [picture[eye] for picture in (p, *changed.values())]
show_pictures(details, ["the picture", "checkerboard", "grain", "spots", "moved"], width=1.3)

# %%
F, _ = vgg.forward(network, p, taps)
curves = {}
for name, picture in changed.items():
    F_changed, _ = vgg.forward(network, picture.astype(np.float32), taps)
    curves[name] = [np.linalg.norm(F_changed[l] - F[l]) / np.linalg.norm(F[l]) for l in taps]
show_curves(curves, "layer", "relative change of F", x=taps, log=False)

# %% [markdown]
# The spots, which are larger than the blocks that pooling averages over, are noticed at `conv4_1`
# even more than at `conv1_1`. The checkerboard loses its voice within one block, as section 1.4
# leads one to expect. And moving the picture by one pixel, which changes `conv1_1` by half of its
# length, changes `conv5_1` by a fifth: a high layer knows *what* is there and *roughly where*.
#
# This is what the paper calls the content of a picture, and the [next
# notebook](02_the_content_loss.ipynb) turns it into a number: how far is one picture's content from
# another's?
#
# ## 1.8 Exercises
#
# **1.** How many weights do the 16 convolutions of VGG-19 hold, with its own widths 64, 128, 256,
# 512, 512? Which block has most?
#
# <details><summary>Solution</summary>
#
# A convolution from $C$ to $N$ channels has $9 C N + N$ weights. The sum is 20,024,384 (checked in
# the cell below), 80 MB in float32. The fifth block has most, and the fourth and the fifth
# together have 88 % of them, because the number goes with the square of the width.
#
# </details>
#
# **2.** Without the table: what is the receptive field of `conv2_2`? And what would it be if the
# pooling layer between the blocks were left out?
#
# <details><summary>Solution</summary>
#
# $1 \to 3 \to 5$ in block 1, the pooling makes $6$ and the step $j = 2$, then $6 + 4 = 10$ and
# $10 + 4 = 14$. Without pooling the step stays 1 and four convolutions see $1 + 4 \cdot 2 = 9$.
# Pooling is how a network looks far with few layers.
#
# </details>
#
# **3.** Show that two 3 × 3 convolutions in a row without a ReLU between are one 5 × 5 convolution
# (one channel, no bias, away from the border). What is its kernel?
#
# <details><summary>Solution</summary>
#
# $$z_{ij} = \sum_{uv} L_{uv} \sum_{st} K_{st}\, x_{i+u+s-2,\; j+v+t-2}
#          = \sum_{ab} \Big( \sum_{uv} L_{uv} K_{a-u,\, b-v} \Big) x_{i+a-2,\; j+b-2}$$
#
# with $a = u + s$, $b = v + t$, both from 0 to 4. In the brackets stands the kernel: the true
# convolution (with the flip) of $L$ and $K$.
#
# </details>
#
# **4.** `max_pool` of the block $(+a, -a; -a, +a)$ is $a$, not 0. Does max pooling therefore lose
# less?
#
# <details><summary>Solution</summary>
#
# It loses other things. It keeps one number of four as well: all that lies below the largest can
# change unnoticed, and which of the four it was is forgotten. In the way back the derivative goes
# to that one pixel only, where the mean shares it among four; the paper prefers the mean for that.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Checks of the solutions.
from scipy.signal import convolve2d, correlate2d

from nst_numpy.networks.random_weights import FULL

widths = [FULL[int(l[4]) - 1] for l in VGG19 if l.startswith("conv")]
counts = [9 * C * N + N for C, N in zip([3, *widths[:-1]], widths, strict=True)]
assert sum(counts) == 20_024_384
assert round(sum(counts[8:]) / sum(counts), 2) == 0.88
assert field["conv2_2"] == 14

x, K, L = (rng.standard_normal(s) for s in ((9, 9), (3, 3), (3, 3)))
twice = correlate2d(correlate2d(x, K, "valid"), L, "valid")
assert np.allclose(twice, correlate2d(x, convolve2d(L, K), "valid"))
print("The solutions' numbers are right.")

# %% [markdown]
# ## References
#
# - L. A. Gatys, A. S. Ecker, M. Bethge, [A Neural Algorithm of Artistic
#   Style](https://arxiv.org/abs/1508.06576), 2015. The section *Methods* describes the network.
# - K. Simonyan, A. Zisserman, [Very Deep Convolutional Networks for Large-Scale Image
#   Recognition](https://arxiv.org/abs/1409.1556), 2015. VGG-19 is the column E of table 1.
# - W. Luo, Y. Li, R. Urtasun, R. Zemel, [Understanding the Effective Receptive
#   Field](https://arxiv.org/abs/1701.04128), 2016.
# - The network that ships: [weights/README.md](../weights/README.md). The picture: Stefan van der
#   Walt, CC0.
