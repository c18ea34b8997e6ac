"""The objective that the benchmarks compare, by this package and by PyTorch.

Both get the same pictures and weights: VGG-19 up to conv5_1, five style layers and conv4_2,
average pooling, float32. `evaluate(x)` takes an (H, W, 3) float32 array and returns L and dL/dx.
"""

import numpy as np

ALPHA, W = 1e-6, 0.2
STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT = "conv4_2"
RATIO = 3e-3  # alpha / beta of whole jobs, for the content loss per element
WIDTHS = {"full": (64, 128, 256, 512, 512), "thin": (16, 32, 64, 128, 128)}


def network(width):
    """The network that ships, for "thin"; the full width with random weights."""
    from nst_numpy.networks import load_network, random_network

    return load_network("tiny") if width == "thin" else random_network(WIDTHS[width])


def alpha_of_ratio(net, size):
    """alpha of eq. 7 for RATIO and a square picture: RATIO / (N M) of the content layer."""
    M = (size // 8) ** 2  # three poolings lie before it
    return RATIO / (M * net.weights[CONTENT][1].size)


def pictures(size):
    """Content, style and start, (size, size, 3) float32: smooth noise, as pictures are."""
    rng = np.random.default_rng(0)
    coarse = rng.uniform(0, 255, (3, size // 8, size // 8, 3))
    return coarse.repeat(8, 1).repeat(8, 2).astype(np.float32)


def photographs(size):
    """Content, style and start, (size, size, 3) float32: a photograph and a style that ship."""
    from nst_numpy.images import resize
    from nst_numpy.images.samples import sample_picture

    p, a = (resize(sample_picture(name), (size, size)) for name in ("pagoda", "evening"))
    return p.astype(np.float32), a.astype(np.float32), p.astype(np.float32)


def ours(net, images, alpha, threads):
    """Return evaluate(x) by this package."""
    from nst_numpy import targets, total_loss
    from nst_numpy.utils.threads import use_threads

    p, a, _ = images
    goal, w = targets(p, a, net, [CONTENT], STYLE), dict.fromkeys(STYLE, W)

    def evaluate(x):
        with use_threads(threads):
            return total_loss(x, goal, net, alpha, 1.0, w)[:2]

    return evaluate


def pytorch(net, images, alpha, threads, channels_last):
    """Return tensor(image) and loss(tensor) by PyTorch, written as well as it can be."""
    import torch
    from torch.nn.functional import avg_pool2d, conv2d, relu

    torch.set_num_threads(threads)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    mean = torch.from_numpy(net.mean)[None, :, None, None]
    weights = {
        l: (torch.from_numpy(K).permute(3, 2, 0, 1).contiguous(memory_format=layout), b)
        for l, (K, b) in ((l, (K, torch.from_numpy(b))) for l, (K, b) in net.weights.items())
    }

    def tensor(image):
        image = torch.from_numpy(image).permute(2, 0, 1)[None]
        return image.contiguous(memory_format=layout)

    def gram(F):
        N = F.shape[1]
        F = F.permute(0, 2, 3, 1).reshape(-1, N) if channels_last else F.reshape(N, -1).T
        return F.T @ F

    def features(x):
        x, taps = x - mean, {}
        for l in net.layers:
            if l in weights:
                K, b = weights[l]
                x = relu(conv2d(x, K, b, padding=1), inplace=True)
            else:
                x = avg_pool2d(x, 2)
            if l in STYLE or l == CONTENT:
                taps[l] = x
        return taps

    p, a, _ = (tensor(image) for image in images)
    with torch.no_grad():
        A = {l: gram(F) for l, F in features(a).items() if l in STYLE}
        P = features(p)[CONTENT].clone()

    def loss(x):
        F = features(x)
        L = alpha * 0.5 * ((F[CONTENT] - P) ** 2).sum()
        for l in STYLE:
            N, M = F[l].shape[1], F[l].shape[2] * F[l].shape[3]
            L = L + W * ((gram(F[l]) - A[l]) ** 2).sum() / (4 * N**2 * M**2)
        return L

    return tensor, loss


def pytorch_evaluate(*job):
    """Return evaluate(x) by PyTorch, from and to arrays."""
    tensor, loss = pytorch(*job)

    def evaluate(image):
        x = tensor(image).requires_grad_(True)
        L = loss(x)
        L.backward()
        return L.item(), x.grad[0].permute(1, 2, 0).numpy()

    return evaluate


SIDES = {
    "nst_numpy": ours,
    "PyTorch channels_last": lambda *job: pytorch_evaluate(*job, True),
    "PyTorch contiguous": lambda *job: pytorch_evaluate(*job, False),
}
