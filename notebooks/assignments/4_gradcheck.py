# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. A gradient checker, and five errors to find with it
#
# A derivative that was worked out by hand is wrong until it was checked. The check needs nothing
# but the function's own values: along a direction v, the derivative g says that f changes by <g, v>
# for each unit of the way, and two values of f say how much it does change. In style transfer a
# wrong derivative does not crash. It makes pictures that are a little worse, and nobody knows why.
#
# About 90 minutes; 25 points, 5 of them read by a person. You need Taylor's formula. Everything is
# in float64. The package's own `gradcheck` is withheld from your code; read it afterwards.

# %% nbgrader={"grade_id": "imports"}
import numpy as np

from nst_numpy.classroom.faulty_derivatives import central, relative, suspects

# %% [markdown]
# ## 4.1 The slope from two values
#
# Write the central difference of f along v: the slope of f at x in the direction v, from two values
# of f at a distance of h times v to either side. f takes an array and returns a number.


# %% nbgrader={"grade_id": "slope", "solution": true}
def slope(f, x, v, h=1e-5):
    """df(x + t v)/dt at t = 0, from two values of f."""
    ### BEGIN SOLUTION
    return (f(x + h * v) - f(x - h * v)) / (2 * h)
    ### END SOLUTION


# %% nbgrader={"grade_id": "slope_parabola", "points": 3}
from nst_numpy.classroom import guarded, require, same

slope_of = guarded("slope", slope)
x, v = np.array([1.0, -2.0]), np.array([2.0, 1.0])


def parabola(x):
    return float(x @ x)


got = slope_of(parabola, x, v, 0.1)
require(
    same(got, 2 * x @ v, 1e-9),
    "On a parabola the central difference is exact, however large h is: the errors to both "
    "sides cancel. Here f(x) = x_0^2 + x_1^2 and h = 0.1.",
    got=got,
    x=x,
    v=v,
)
got = slope_of(parabola, np.array([3.0]), np.array([1.0]), 0.5)
require(same(got, 6.0, 1e-9), "On f(x) = x^2 at x = 3 the slope is 6, however large h is.", got=got)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
Q, x, v = rng.normal(size=(3, 3)), *rng.normal(size=(2, 3))
got = slope_of(lambda x: float(x @ Q @ x), x, v, 0.3)
require(
    same(got, x @ (Q + Q.T) @ v, 1e-9),
    "On a parabola the central difference is exact, however large h is.",
    got=got,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "slope_order", "points": 2}
from nst_numpy.classroom import guarded, require, same

slope_of = guarded("slope", slope)


def cubic(x):
    return float(np.sum(x**3))


x, v = np.array([1.0]), np.array([1.0])
errors = [slope_of(cubic, x, v, h) - 3.0 for h in (0.2, 0.1)]
require(
    errors[1] != 0 and same(errors[0] / errors[1], 4.0, 1e-6),
    "The error of the central difference goes with h^2: half "
    "of h leaves a quarter of it. Here f(x) = x^3 at x = 1, with h = 0.2 and 0.1.",
    got=tuple(errors),
)

# %% nbgrader={"grade_id": "slope_direction", "points": 2}
from nst_numpy.classroom import guarded, require, same

slope_of = guarded("slope", slope)
x, v = np.array([[0.5, 1.0], [2.0, -1.0]]), np.array([[1.0, 0.0], [-2.0, 1.0]])
one, twice = slope_of(cubic, x, v), slope_of(cubic, x, 2 * v)
require(
    same(twice, 2 * one, 1e-6) and one != 0,
    "Along a direction twice as long the slope is twice as large.",
    got=(one, twice),
    x=x,
    v=v,
)
back = slope_of(cubic, x, -v)
require(
    same(back, -one, 1e-6),
    "Backward along v the slope has the other sign.",
    got=(one, back),
    x=x,
    v=v,
)

# %% [markdown]
# ## 4.2 How far two numbers are apart
#
# 1e-6 is much between two slopes of 1e-6, and nothing between two of 1e6. Return a *relative* error
# of two numbers: their distance, divided by the larger of their absolute values. If both are 0, it
# is 0.


# %% nbgrader={"grade_id": "relative_error", "solution": true}
def relative_error(analytic, numeric):
    """Relative difference of two numbers."""
    ### BEGIN SOLUTION
    largest = max(abs(analytic), abs(numeric))
    return abs(analytic - numeric) / largest if largest else 0.0
    ### END SOLUTION


# %% nbgrader={"grade_id": "error_scale", "points": 2}
from nst_numpy.classroom import guarded, require, same

error_of = guarded("relative_error", relative_error)
for scale in (1.0, 1e-8, 1e8):
    got = error_of(scale * 2.0, scale * 1.998)
    require(
        same(got, 0.001, 1e-6),
        "The relative error does not depend on the units: of 2 and 1.998 it is 0.001, and so it is "
        f"of both times {scale:g}.",
        got=got,
    )
got = error_of(-2.0, -1.998)
require(
    same(got, 0.001, 1e-6),
    "An error is not negative, and neither does it ask for the sign of the slopes.",
    got=got,
)

# %% nbgrader={"grade_id": "error_sign", "points": 1}
from nst_numpy.classroom import guarded, require, same

error_of = guarded("relative_error", relative_error)
require(
    same(error_of(3.0, -3.0), 2.0),
    "Slopes of opposite sign are as far apart as can be: 2 times the larger.",
    got=error_of(3.0, -3.0),
)
require(
    same(error_of(0.0, 5.0), 1.0) and same(error_of(5.0, 0.0), 1.0),
    "The larger of the two absolute values is what is "
    "divided by, wherever it stands: a slope of 0 in the place of 5 is an error of 1.",
    got=(error_of(0.0, 5.0), error_of(5.0, 0.0)),
)
require(same(error_of(0.0, 0.0), 0.0), "Two slopes that are both 0 agree.", got=error_of(0.0, 0.0))

# %% [markdown]
# ## 4.3 Find the errors
#
# Each of the suspects is a name, a function `f_and_g(x)` that returns a value and a derivative, and
# an x. Write a function that returns the list of the names whose derivative is not that of the
# value. How many directions v, which v, how large an h and how large an error you allow is for you
# to decide. Some hints:
#
# - A v along one axis sees one entry of the derivative only; a random v sees all.
# - For a random v in many dimensions <g, v> may be small by chance; one more v costs little.
# - One derivative is only 0.1 % too large, and its x is about 0.001. One is wrong in a single
#   pixel.
#
# The imported `central(f, x, v, h)` and `relative(analytic, numeric)` do what 4.1 and 4.2 ask for,
# so that an error there does not matter here.


# %% nbgrader={"grade_id": "find_wrong", "solution": true}
def find_wrong(suspects):
    """Names of those (name, f_and_g, x) whose derivative is not that of the value."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    wrong = []
    for name, f_and_g, x in suspects:
        h = 1e-4 * np.sqrt(np.mean(x * x))
        for _ in range(5):
            v = rng.normal(size=x.shape)
            numeric = central(lambda x, f_and_g=f_and_g: f_and_g(x)[0], x, v, h)
            if relative(np.sum(f_and_g(x)[1] * v), numeric) > 1e-4:
                wrong.append(name)
                break
    return wrong
    ### END SOLUTION


# %% nbgrader={"grade_id": "found_1", "points": 1}
from nst_numpy.classroom.checker_assertions import expect

expect(find_wrong, 1, seed=0)
### BEGIN HIDDEN TESTS
expect(find_wrong, 1, seed=1)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "found_3", "points": 1}
from nst_numpy.classroom.checker_assertions import expect

expect(find_wrong, 3, seed=0)
### BEGIN HIDDEN TESTS
expect(find_wrong, 3, seed=2)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "found_4", "points": 1}
from nst_numpy.classroom.checker_assertions import expect

expect(find_wrong, 4, seed=0)
### BEGIN HIDDEN TESTS
expect(find_wrong, 4, seed=3)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "found_2", "points": 2}
from nst_numpy.classroom.checker_assertions import expect

expect(find_wrong, 2, seed=0)
### BEGIN HIDDEN TESTS
for seed in (4, 5):
    expect(find_wrong, 2, seed)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "found_5", "points": 2}
from nst_numpy.classroom.checker_assertions import expect

expect(find_wrong, 5, seed=0)
### BEGIN HIDDEN TESTS
for seed in (6, 7, 8):
    expect(find_wrong, 5, seed)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "acquitted", "points": 3}
from nst_numpy.classroom import guarded, require
from nst_numpy.classroom.faulty_derivatives import guilty

names_of = guarded("find_wrong", find_wrong)
named = names_of(suspects(0))
require(len(named) > 0, "Who names nobody accuses nobody, but finds nothing either.", got=named)
blameless = [name for name in named if name not in guilty(0)]
require(
    not blameless,
    f"The derivative of {', '.join(blameless)} is right, but the checker names it. Is h so small "
    f"that only "
    "rounding is left, or so large that the curve shows? Is the error relative to the "
    "slopes?",
    got=named,
)
### BEGIN HIDDEN TESTS
for seed in (1, 2, 3, 4):
    named = names_of(suspects(seed))
    blameless = [name for name in named if name not in guilty(seed)]
    require(
        named and not blameless,
        f"The derivative of {', '.join(blameless)} is right, but the checker names it.",
        got=named,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 4.4 What is wrong with them
#
# For each of the five that your function names in `suspects(0)`, say in one sentence what the error
# is, and how you saw it (compare the slopes along single axes with the entries of the derivative,
# and take quotients). Use the cell after this one to look. (5 points, 1 for each, read by a person)

# %%
# Yours to look around in.

# %% [markdown] nbgrader={"grade_id": "diagnosis", "solution": true, "points": 5}
# In `suspects(0)`; `nst_numpy.classroom.faulty_derivatives.guilty(seed)` lists them for any seed:
#
# - a content loss whose value lacks its 1/2: numeric / analytic is 2 in every entry;
# - a style loss whose derivative is 0.1 % too large: the quotient is 0.999 in every entry;
# - a content loss after a ReLU without the mask: where x is negative the numeric slope is 0, the
#   analytic is not;
# - a convolution with its kernel not flipped: all entries differ, without a common factor; the sums
#   over the inside agree nearly, because the kernel's sum is the same;
# - a total variation with one entry of the derivative half too large: all others agree.
#
# *Rubric.* 1 point for each that is named with an error that fits what the numbers show. Without
# the formula behind it ("a factor of 2") the point is given; "it is wrong" is not enough.
