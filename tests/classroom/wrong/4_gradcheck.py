# Typical wrong answers: which cell is replaced, which tests are lost, what the feedback says.

# %% [markdown]
# forward difference
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_order", "slope_direction"], "says": "errors to both sides cancel"}
def slope(f, x, v, h=1e-5):
    return (f(x + h * v) - f(x)) / h

# %% [markdown]
# divided by h, not by 2 h
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_order"], "says": "the slope is 6"}
def slope(f, x, v, h=1e-5):
    return (f(x + h * v) - f(x - h * v)) / h

# %% [markdown]
# direction normalized to length 1
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_direction"], "says": "twice as long"}
def slope(f, x, v, h=1e-5):
    v = v / np.linalg.norm(v)
    return (f(x + h * v) - f(x - h * v)) / (2 * h)

# %% [markdown]
# direction forgotten
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_direction"], "says": "Along a direction twice as long"}
def slope(f, x, v, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% [markdown]
# backward
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_order"], "says": "the slope is 6"}
def slope(f, x, v, h=1e-5):
    return (f(x - h * v) - f(x + h * v)) / (2 * h)

# %% [markdown]
# x changed in place
# %% wrong={"cell": "slope", "loses": ["slope_parabola", "slope_order", "slope_direction"], "says": "changes its argument 2"}
def slope(f, x, v, h=1e-5):
    x += h * v
    right = f(x)
    x -= 2 * h * v
    return (right - f(x)) / (2 * h)

# %% [markdown]
# absolute error
# %% wrong={"cell": "relative_error", "loses": ["error_scale", "error_sign"], "says": "does not depend on the units"}
def relative_error(analytic, numeric):
    return abs(analytic - numeric)

# %% [markdown]
# divided by one of the two
# %% wrong={"cell": "relative_error", "loses": ["error_scale", "error_sign"], "says": "stopped with ZeroDivisionError"}
def relative_error(analytic, numeric):
    return abs(analytic - numeric) / abs(numeric)

# %% [markdown]
# difference of the absolute values
# %% wrong={"cell": "relative_error", "loses": ["error_sign"], "says": "opposite sign"}
def relative_error(analytic, numeric):
    a, b = abs(analytic), abs(numeric)
    return abs(a - b) / max(a, b) if max(a, b) else 0.0

# %% [markdown]
# sign kept
# %% wrong={"cell": "relative_error", "loses": ["error_scale", "error_sign"], "says": "not negative"}
def relative_error(analytic, numeric):
    largest = max(abs(analytic), abs(numeric))
    return (analytic - numeric) / largest if largest else 0.0

# %% [markdown]
# divided by 0
# %% wrong={"cell": "relative_error", "loses": ["error_sign"], "says": "stopped with ZeroDivisionError"}
def relative_error(analytic, numeric):
    return abs(analytic - numeric) / max(abs(analytic), abs(numeric))

# %% [markdown]
# a tolerance that lets 0.1 % pass
# %% wrong={"cell": "find_wrong", "loses": ["found_2"], "says": "the checker let it pass"}
def find_wrong(suspects):
    rng = np.random.default_rng(0)
    wrong = []
    for name, f_and_g, x in suspects:
        h = 1e-4 * np.sqrt(np.mean(x * x))
        for _ in range(5):
            v = rng.normal(size=x.shape)
            numeric = central(lambda x, f=f_and_g: f(x)[0], x, v, h)
            if relative(np.sum(f_and_g(x)[1] * v), numeric) > 5e-3:
                wrong.append(name)
                break
    return wrong

# %% [markdown]
# the first entry only
# %% wrong={"cell": "find_wrong", "loses": ["found_3", "found_5"], "says": "the checker let it pass"}
def find_wrong(suspects):
    wrong = []
    for name, f_and_g, x in suspects:
        h = 1e-4 * np.sqrt(np.mean(x * x))
        v = np.zeros(x.shape)
        v.flat[0] = 1
        numeric = central(lambda x, f=f_and_g: f(x)[0], x, v, h)
        if relative(np.sum(f_and_g(x)[1] * v), numeric) > 1e-4:
            wrong.append(name)
    return wrong

# %% [markdown]
# one h for all, and absolute errors
# %% wrong={"cell": "find_wrong", "loses": ["found_2", "found_5"], "says": "the checker let it pass"}
def find_wrong(suspects):
    rng = np.random.default_rng(0)
    wrong = []
    for name, f_and_g, x in suspects:
        v = rng.normal(size=x.shape)
        numeric = central(lambda x, f=f_and_g: f(x)[0], x, v, 1e-5)
        if abs(np.sum(f_and_g(x)[1] * v) - numeric) > 1e-3:
            wrong.append(name)
    return wrong

# %% [markdown]
# h as large as x
# %% wrong={"cell": "find_wrong", "loses": ["acquitted"], "says": "so large that the curve shows"}
def find_wrong(suspects):
    rng = np.random.default_rng(0)
    wrong = []
    for name, f_and_g, x in suspects:
        v = rng.normal(size=x.shape)
        numeric = central(lambda x, f=f_and_g: f(x)[0], x, v, 0.5)
        if relative(np.sum(f_and_g(x)[1] * v), numeric) > 1e-4:
            wrong.append(name)
    return wrong

# %% [markdown]
# all of them
# %% wrong={"cell": "find_wrong", "loses": ["found_1", "found_3", "found_4", "found_2", "found_5", "acquitted"], "says": "naming all of them finds nothing"}
def find_wrong(suspects):
    return [name for name, _, _ in suspects]

# %% [markdown]
# none of them
# %% wrong={"cell": "find_wrong", "loses": ["found_1", "found_3", "found_4", "found_2", "found_5", "acquitted"], "says": "accuses nobody"}
def find_wrong(suspects):
    return []

# %% [markdown]
# the names written down
# %% wrong={"cell": "find_wrong", "loses": ["found_1", "found_3", "found_4", "found_2", "found_5", "acquitted"], "says": "a list of names"}
def find_wrong(suspects):
    return ["a: content loss", "c: style loss", "e: convolution"]

# %% [markdown]
# the package's list of wrong derivatives
# %% wrong={"cell": "find_wrong", "loses": ["found_1", "found_3", "found_4", "found_2", "found_5", "acquitted"], "says": "withheld"}
def find_wrong(suspects):
    return list(guilty(0))
