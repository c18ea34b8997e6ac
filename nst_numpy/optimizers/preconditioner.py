"""A preconditioner for the pixels of a picture: spatial frequencies and colors.

An optimizer that knows nothing about f takes the identity as the first guess of its inverse second
derivative: -g is its first direction. For style transfer this is a bad guess. Pictures have a 1/f
spectrum and strongly correlated colors, but the gradient through a network is dominated by high
frequencies, in all three channels alike. The optimizer therefore produces grain first, and
changes the colors of large areas late. The matrix

    S = T T^T,       T = (mixing of the colors) x (multiplication by |f|^-p in Fourier space)

is a better guess; f is the spatial frequency in cycles per pixel, at least 1 / longer side. In the
variables z = T^-1 x, which is a picture with a flatter spectrum and less correlated colors, the
gradient is T^T g. A step d_z = -T^T g in z is the step

    d = T d_z = -T T^T g = -S g

in x. In the same way L-BFGS in z, which begins with H_0 = gamma I, is L-BFGS in x that begins with
H_0 = gamma S: its vectors are s = T s_z and y = T^-T y_z, so y^T s, alpha and beta do not change,
and gamma = s_z^T y_z / y_z^T y_z = s^T y / y^T S y.

Derived in notebooks/06_from_gradient_descent_to_lbfgs.ipynb, section 6.12.

The minimum does not change: S is positive definite, so S g = 0 only where g = 0, and g^T d =
-g^T S g < 0 elsewhere. Only the path to the minimum changes.

Departs from Gatys et al.: they do not use a preconditioner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nst_numpy.optimizers.dot_product import dot
from nst_numpy.utils.types import Array, Image, Shape

EXPONENT = 0.375  # p; from .25 to .5 the loss after 60 iterations differs by a tenth at most
COLOR_MIXING = 0.5
MIN_VARIANCE = 1.0  # gray levels^2, sum over the channels; below it a style has no colors to copy


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """A symmetric positive definite matrix S for arrays of shape (H, W, 3).

    S is the product of a filter and a mixing of the colors, which commute.

    Attributes
    ----------
    shape : (int, int, int)
        H, W, 3.
    spectrum : (H, W // 2 + 1) float64 array
        Eigenvalues of the filter, in the layout of ``scipy.fft.rfft2``; positive.
    colors : (3, 3) float64 array
        The mixing of the colors; symmetric, positive definite.
    """

    shape: Shape
    spectrum: Array
    colors: Array


def pixel_preconditioner(
    shape: Shape,
    exponent: float = EXPONENT,
    color_mixing: float = COLOR_MIXING,
    styles: Sequence[Image] = (),
) -> Preconditioner:
    """The preconditioner S for a picture, with trace S = number of elements.

    Parameters
    ----------
    shape : (int, int, int)
        H, W, 3 of the array to optimize, including its margin.
    exponent : float
        p, from 0 (no filter). The filter of S is proportional to |f|^-2p.
    color_mixing : float
        From 0 (no mixing) to below 1. The mixing of S is (1 - color_mixing) I + color_mixing C.
    styles : sequence of (h, w, 3) array
        The style pictures, 0..255. C is their `color_covariance`.

    Returns
    -------
    Preconditioner

    Examples
    --------
    >>> S = pixel_preconditioner((32, 48, 3))
    >>> S.spectrum.shape, S.colors.shape
    ((32, 25), (3, 3))
    """
    height, width = shape[:2]
    f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))  # (H, W) cycles / pixel
    eigenvalues = np.maximum(f, 1 / max(height, width)) ** (-2 * exponent)
    spectrum = eigenvalues[:, : width // 2 + 1] / eigenvalues.mean()  # (H, W // 2 + 1)
    colors = (1 - color_mixing) * np.eye(3) + color_mixing * color_covariance(styles)
    return Preconditioner(tuple(shape), spectrum, colors)


def color_covariance(styles: Sequence[Image]) -> Array:
    """Mean 3 x 3 covariance of the colors of some pictures, scaled to trace 3.

    It is the identity if the pictures have no variation (a black or uniform picture) or if there
    are none. It is singular if all colors lie on a line or a plane.
    """
    C = np.zeros((3, 3))
    for a in styles:
        channels = [a[..., i] - np.mean(a[..., i], dtype=np.float64) for i in range(3)]
        C += [[dot(one, other) / one.size for other in channels] for one in channels]
    if np.trace(C) < MIN_VARIANCE * len(styles) or not styles:
        return np.eye(3)
    return 3 * C / np.trace(C)


def precondition(S: Preconditioner | None, g: Array) -> Array:
    """S g: two real Fourier transforms. None stands for the identity, and g itself is returned.

    Parameters
    ----------
    S : Preconditioner or None
    g : (H, W, 3) array

    Returns
    -------
    S g : (H, W, 3) array, dtype of g
    """
    if S is None:
        return g
    from scipy import fft  # not at the top, because the import is slow

    # One thread, because SciPy's thread pool does not survive a fork of the process.
    axes = (0, 1)
    spectrum = fft.rfft2(g @ S.colors.astype(g.dtype), axes=axes)
    spectrum *= S.spectrum.astype(g.dtype)[..., None]  # (H, W // 2 + 1, 3)
    return fft.irfft2(spectrum, s=S.shape[:2], axes=axes, overwrite_x=True)


def matrix_power(S: Preconditioner, q: float) -> Preconditioner:
    """S^q, another symmetric positive definite matrix.

    T = matrix_power(S, 1 / 2) is the symmetric root of S: T T = S. z = T^-1 x is
    ``precondition(matrix_power(S, -1 / 2), x)``.
    """
    eigenvalues, vectors = np.linalg.eigh(S.colors)
    colors = vectors @ np.diag(eigenvalues**q) @ vectors.T
    return replace(S, spectrum=S.spectrum**q, colors=colors)


def shaped_noise(S: Preconditioner, seed: int) -> Array:
    """Gaussian noise with the spectrum and the colors of S; with p = 1/2 it is 1/f noise.

    The start of an optimization with S as its preconditioner. White noise has too much energy at
    the frequencies where the eigenvalues of S are small, which the optimizer reduces last.

    Parameters
    ----------
    S : Preconditioner
    seed : int

    Returns
    -------
    (H, W, 3) float64 array
        Mean 0 in each channel; standard deviation 1 over all channels.
    """
    noise = precondition(S, np.random.default_rng(seed).standard_normal(S.shape))
    noise = noise - noise.mean(axis=(0, 1))
    return noise / noise.std()
