# Typical wrong answers: which cell is replaced, which tests are lost, what the feedback says.

# %% [markdown]
# missing 1/4
# %% wrong={"cell": "style_value", "loses": ["value_package"], "says": "over 4 N^2 M^2"}
def style_value(F, A):
    N, M = F.shape
    return np.sum((gram(F) - A) ** 2) / (N**2 * M**2)

# %% [markdown]
# missing 1/(N^2 M^2)
# %% wrong={"cell": "style_value", "loses": ["value_package", "value_scale"], "says": "does not depend on the size of a picture"}
def style_value(F, A):
    return np.sum((gram(F) - A) ** 2) / 4

# %% [markdown]
# N M instead of N^2 M^2
# %% wrong={"cell": "style_value", "loses": ["value_package", "value_scale"], "says": "does not depend on the size of a picture"}
def style_value(F, A):
    return np.sum((gram(F) - A) ** 2) / (4 * F.size)

# %% [markdown]
# transposed Gram
# %% wrong={"cell": "style_value", "loses": ["value_package", "value_scale"], "says": "style_value stopped with ValueError"}
def style_value(F, A):
    N, M = F.shape
    return np.sum((F.T @ F - A) ** 2) / (4 * N**2 * M**2)

# %% [markdown]
# difference not squared
# %% wrong={"cell": "style_value", "loses": ["value_package", "value_scale"], "says": "E sixteen times"}
def style_value(F, A):
    N, M = F.shape
    return np.sum(np.abs(gram(F) - A)) / (4 * N**2 * M**2)

# %% [markdown]
# the package's own
# %% wrong={"cell": "style_value", "loses": ["value_package", "value_scale"], "says": "style_layer_loss, which is withheld"}
def style_value(F, A):
    return nst_numpy.losses.style_layer_loss(F, A)[0]

# %% [markdown]
# half of the derivative: F enters G once
# %% wrong={"cell": "style_derivative", "loses": ["derivative_differences"], "says": "says how fast E grows"}
def style_derivative(F, A):
    N, M = F.shape
    return (gram(F) - A) @ F / (2 * N**2 * M**2)

# %% [markdown]
# missing 1/(N^2 M^2) in the derivative
# %% wrong={"cell": "style_derivative", "loses": ["derivative_differences"], "says": "says how fast E grows"}
def style_derivative(F, A):
    return (gram(F) - A) @ F

# %% [markdown]
# the derivative transposed, as a hasty reading of eq. 6
# %% wrong={"cell": "style_derivative", "loses": ["derivative_differences", "derivative_direction"], "says": "for each entry of F"}
def style_derivative(F, A):
    N, M = F.shape
    return F.T @ (gram(F) - A) / (N**2 * M**2)

# %% [markdown]
# step in the direction of the derivative
# %% wrong={"cell": "style_derivative", "loses": ["derivative_differences", "derivative_direction"], "says": "against the derivative"}
def style_derivative(F, A):
    N, M = F.shape
    return (A - gram(F)) @ F / (N**2 * M**2)

# %% [markdown]
# the derivative of the value with respect to G
# %% wrong={"cell": "style_derivative", "loses": ["derivative_differences", "derivative_direction"], "says": "for each entry of F"}
def style_derivative(F, A):
    N, M = F.shape
    return (gram(F) - A) / (2 * N**2 * M**2)

# %% [markdown]
# mask forgotten
# %% wrong={"cell": "style_before_relu", "loses": ["mask_differences", "mask_at_zero"], "says": "through the ReLU"}
def style_before_relu(dE_dF, F):
    return dE_dF

# %% [markdown]
# mask with >=
# %% wrong={"cell": "style_before_relu", "loses": ["mask_differences", "mask_at_zero"], "says": "the filter was silent"}
def style_before_relu(dE_dF, F):
    return dE_dF * (F >= 0)

# %% [markdown]
# mask of the derivative instead of the mask of F
# %% wrong={"cell": "style_before_relu", "loses": ["mask_differences", "mask_at_zero"], "says": "the filter was silent"}
def style_before_relu(dE_dF, F):
    return np.maximum(dE_dF, 0)

# %% [markdown]
# weights forgotten
# %% wrong={"cell": "style_loss", "loses": ["layers_value", "layers_derivative"], "says": "with its own weight"}
def style_loss(F, A, w):
    E = {l: layer_loss(F[l], A[l]) for l in A}
    return sum(E[l][0] for l in A), {l: E[l][1] for l in A}

# %% [markdown]
# weights in the value only
# %% wrong={"cell": "style_loss", "loses": ["layers_derivative"], "says": "the weight belongs to it, too"}
def style_loss(F, A, w):
    E = {l: layer_loss(F[l], A[l]) for l in A}
    return sum(w[l] * E[l][0] for l in A), {l: E[l][1] for l in A}

# %% [markdown]
# the last layer only
# %% wrong={"cell": "style_loss", "loses": ["layers_value", "layers_derivative"], "says": "a derivative for each layer"}
def style_loss(F, A, w):
    for l in A:
        E, dE_dF = layer_loss(F[l], A[l])
    return w[l] * E, {l: w[l] * dE_dF}
