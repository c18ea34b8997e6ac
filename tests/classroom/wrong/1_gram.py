# Typical wrong answers: which cell is replaced, which tests are lost, what the feedback says.

# %% [markdown]
# filters and positions mixed up by a reshape
# %% wrong={"cell": "feature_matrix", "loses": ["matrix_rows", "matrix_columns"], "says": "holds the map of filter i"}
def feature_matrix(y):
    return y.reshape(y.shape[2], -1)

# %% [markdown]
# positions down the columns of the picture
# %% wrong={"cell": "feature_matrix", "loses": ["matrix_columns"], "says": "along the rows of the picture"}
def feature_matrix(y):
    return y.transpose(2, 1, 0).reshape(y.shape[2], -1)

# %% [markdown]
# F not transposed
# %% wrong={"cell": "feature_matrix", "loses": ["matrix_rows", "matrix_columns"], "says": "one row for each filter"}
def feature_matrix(y):
    return y.reshape(-1, y.shape[2])

# %% [markdown]
# transposed Gram
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "however many positions"}
def gram(F):
    return F.T @ F

# %% [markdown]
# Gram per position
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_scale"], "says": "position by position and adds up"}
def gram(F):
    return F @ F.T / F.shape[1]

# %% [markdown]
# centered Gram matrix, a covariance
# %% wrong={"cell": "gram", "loses": ["gram_entries"], "says": "position by position and adds up"}
def gram(F):
    F = F - F.mean(axis=1, keepdims=True)
    return F @ F.T

# %% [markdown]
# product entry by entry
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "stopped with ValueError"}
def gram(F):
    return F * F.T

# %% [markdown]
# only above the diagonal
# %% wrong={"cell": "gram", "loses": ["gram_entries"], "says": "position by position and adds up"}
def gram(F):
    return np.triu(F @ F.T)

# %% [markdown]
# the package's own
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "withheld"}
from nst_numpy import gram

# %% [markdown]
# the package's own, called indirectly
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "withheld"}
from nst_numpy.losses.moments import moments

def gram(F):
    return moments(F).S * F.shape[1]

# %% [markdown]
# a constant
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "position by position"}
def gram(F):
    return np.zeros((len(F), len(F)))

# %% [markdown]
# the tests' own functions replaced
# %% wrong={"cell": "gram", "loses": ["gram_entries", "gram_positions", "gram_scale"], "says": "a column for each of the N"}
def require(*_, **__):
    pass

def gram(F):
    return 0

# %% [markdown]
# missing 1/2 in the value
# %% wrong={"cell": "content_loss", "loses": ["content_value", "content_pair"], "says": "belong to the same loss"}
def content_loss(F, P):
    return np.sum((F - P) ** 2), F - P

# %% [markdown]
# missing 1/2 in both
# %% wrong={"cell": "content_loss", "loses": ["content_value", "content_derivative"], "says": "half of the sum"}
def content_loss(F, P):
    return np.sum((F - P) ** 2), 2 * (F - P)

# %% [markdown]
# value and derivative of different losses
# %% wrong={"cell": "content_loss", "loses": ["content_derivative", "content_pair"], "says": "belong to the same loss"}
def content_loss(F, P):
    return np.sum((F - P) ** 2) / 2, (F - P) / F.size

# %% [markdown]
# derivative with respect to P
# %% wrong={"cell": "content_loss", "loses": ["content_derivative", "content_pair"], "says": "Differences of the loss do not"}
def content_loss(F, P):
    return np.sum((F - P) ** 2) / 2, P - F

# %% [markdown]
# mean for sum
# %% wrong={"cell": "content_loss", "loses": ["content_value", "content_derivative"], "says": "sum of all squared"}
def content_loss(F, P):
    return np.mean((F - P) ** 2) / 2, (F - P) / F.size

# %% [markdown]
# the argument overwritten
# %% wrong={"cell": "content_loss", "loses": ["content_value", "content_derivative", "content_pair"], "says": "changes its argument 1"}
def content_loss(F, P):
    F -= P
    return np.sum(F * F) / 2, F

# %% [markdown]
# the value alone
# %% wrong={"cell": "content_loss", "loses": ["content_value", "content_derivative", "content_pair"], "says": "should return 2 values"}
def content_loss(F, P):
    return np.sum((F - P) ** 2) / 2

# %% [markdown]
# mask forgotten
# %% wrong={"cell": "content_before_relu", "loses": ["mask_differences", "mask_at_zero"], "says": "lets nothing pass"}
def content_before_relu(z, P):
    return np.maximum(z, 0) - P

# %% [markdown]
# mask with >=
# %% wrong={"cell": "content_before_relu", "loses": ["mask_at_zero"], "says": "0 is not"}
def content_before_relu(z, P):
    return (z - P) * (z >= 0)

# %% [markdown]
# mask of the derivative instead of the mask of F
# %% wrong={"cell": "content_before_relu", "loses": ["mask_differences"], "says": "lets nothing pass"}
def content_before_relu(z, P):
    return np.maximum(np.maximum(z, 0) - P, 0)
