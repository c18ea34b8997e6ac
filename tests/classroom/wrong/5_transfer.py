# Typical wrong answers: which cell is replaced, which tests are lost, what the feedback says.

# %% [markdown]
# alpha in the value only
# %% wrong={"cell": "total_loss", "loses": ["total_weights", "total_derivative", "total_shared_layer"], "says": "differences of L do not agree"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, dL_dF[l] = content_loss(F[l], P)
        L += alpha * L_content
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += beta * w[l] * E
        dL_dF[l] = dL_dF.get(l, 0) + beta * w[l] * derivative
    return L, vgg.backward(network, dL_dF, tape)

# %% [markdown]
# weights of the layers forgotten
# %% wrong={"cell": "total_loss", "loses": ["total_value", "total_derivative", "total_shared_layer"], "says": "the sum of w_l E_l"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += alpha * L_content
        dL_dF[l] = alpha * derivative
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += beta * E
        dL_dF[l] = dL_dF.get(l, 0) + beta * derivative
    return L, vgg.backward(network, dL_dF, tape)

# %% [markdown]
# a shared layer overwritten
# %% wrong={"cell": "total_loss", "loses": ["total_shared_layer"], "says": "look at the same layer"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += alpha * L_content
        dL_dF[l] = alpha * derivative
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += beta * w[l] * E
        dL_dF[l] = beta * w[l] * derivative
    return L, vgg.backward(network, dL_dF, tape)

# %% [markdown]
# alpha and beta exchanged
# %% wrong={"cell": "total_loss", "loses": ["total_value", "total_derivative", "total_shared_layer"], "says": "alpha times the content loss"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += beta * L_content
        dL_dF[l] = beta * derivative
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += alpha * w[l] * E
        dL_dF[l] = dL_dF.get(l, 0) + alpha * w[l] * derivative
    return L, vgg.backward(network, dL_dF, tape)

# %% [markdown]
# backward through another pooling than forward
# %% wrong={"cell": "total_loss", "loses": ["total_value", "total_derivative", "total_shared_layer"], "says": "dL/dx says how fast L grows"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A}, "max")
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += alpha * L_content
        dL_dF[l] = alpha * derivative
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += beta * w[l] * E
        dL_dF[l] = dL_dF.get(l, 0) + beta * w[l] * derivative
    return L, vgg.backward(network, dL_dF, tape, "average")

# %% [markdown]
# the style loss without its backward pass
# %% wrong={"cell": "total_loss", "loses": ["total_derivative", "total_shared_layer"], "says": "differences of L do not agree"}
def total_loss(x, goal, network, alpha, beta, w):
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += alpha * L_content
        dL_dF[l] = alpha * derivative
    for l, A in goal.A.items():
        L += beta * w[l] * style_layer_loss(F[l], A)[0]
    return L, vgg.backward(network, dL_dF, tape)

# %% [markdown]
# the package's own
# %% wrong={"cell": "total_loss", "loses": ["total_value", "total_weights", "total_derivative", "total_shared_layer"], "says": "withheld"}
def total_loss(x, goal, network, alpha, beta, w):
    return nst_numpy.total_loss(x, goal, network, alpha, beta, w)[:2]

# %% [markdown]
# step in the direction of the derivative
# %% wrong={"cell": "descend", "loses": ["descent_losses", "descent_minimum", "descent_bounds"], "says": "No iteration goes uphill"}
def descend(f_and_g, x0, bounds, iterations):
    x, losses = x0, [f_and_g(x0)[0]]
    for _ in range(iterations):
        x = np.clip(x + 0.1 * f_and_g(x)[1], *bounds)
        losses.append(f_and_g(x)[0])
    return x, losses

# %% [markdown]
# a step of fixed length
# %% wrong={"cell": "descend", "loses": ["descent_minimum"], "says": "be the bowl steep or flat"}
def descend(f_and_g, x0, bounds, iterations):
    x, losses = x0, [f_and_g(x0)[0]]
    for _ in range(iterations):
        x = np.clip(x - 0.1 * f_and_g(x)[1], *bounds)
        losses.append(f_and_g(x)[0])
    return x, losses

# %% [markdown]
# clipped after the line search
# %% wrong={"cell": "descend", "loses": ["descent_bounds"], "says": "never evaluated outside of the bounds"}
def descend(f_and_g, x0, bounds, iterations):
    x, (f, g) = x0, f_and_g(x0)
    losses, t = [f], 1 / (np.abs(g).max() + 1e-300)
    for _ in range(iterations):
        for _ in range(60):
            f_there, _ = f_and_g(x - t * g)
            if f_there < f:
                x, t = np.clip(x - t * g, *bounds), 2 * t
                break
            t /= 2
        f, g = f_and_g(x)
        losses.append(f)
    return x, losses

# %% [markdown]
# bounds forgotten
# %% wrong={"cell": "descend", "loses": ["descent_bounds"], "says": "never evaluated outside of the bounds"}
def descend(f_and_g, x0, bounds, iterations):
    x, (f, g) = x0, f_and_g(x0)
    losses, t = [f], 1 / (np.abs(g).max() + 1e-300)
    for _ in range(iterations):
        for _ in range(60):
            f_there, g_there = f_and_g(x - t * g)
            if f_there < f:
                x, f, g, t = x - t * g, f_there, g_there, 2 * t
                break
            t /= 2
        losses.append(f)
    return x, losses

# %% [markdown]
# division by 0 at the bottom
# %% wrong={"cell": "descend", "loses": ["descent_at_rest"], "says": "where the derivative is 0, it stays"}
def descend(f_and_g, x0, bounds, iterations):
    x, (f, g) = x0, f_and_g(x0)
    with np.errstate(all="ignore"):
        losses, t = [f], 1 / np.abs(g).max()
        for _ in range(iterations):
            for _ in range(60):
                there = np.clip(x - t * g, *bounds)
                f_there, g_there = f_and_g(there)
                if not f_there >= f:
                    x, f, g, t = there, f_there, g_there, 2 * t
                    break
                t /= 2
            losses.append(f)
    return x, losses

# %% [markdown]
# the loss at the start left out
# %% wrong={"cell": "descend", "loses": ["descent_losses", "descent_at_rest"], "says": "that at the start and one for each"}
def descend(f_and_g, x0, bounds, iterations):
    x, (f, g) = x0, f_and_g(x0)
    losses, t = [], 1 / (np.abs(g).max() + 1e-300)
    for _ in range(iterations):
        for _ in range(60):
            there = np.clip(x - t * g, *bounds)
            f_there, g_there = f_and_g(there)
            if f_there < f:
                x, f, g, t = there, f_there, g_there, 2 * t
                break
            t /= 2
        losses.append(f)
    return x, losses

# %% [markdown]
# the package's own optimizer
# %% wrong={"cell": "descend", "loses": ["descent_losses", "descent_minimum", "descent_bounds", "descent_at_rest"], "says": "withheld"}
def descend(f_and_g, x0, bounds, iterations):
    losses = []
    x, _ = nst_numpy.optimizers.momentum(
        f_and_g, x0, bounds, lambda i, x, f: losses.append(f), iterations
    )
    return x, losses

# %% [markdown]
# no picture, a photograph
# %% wrong={"cell": "my_picture", "loses": ["picture_done"], "says": "A result of nst_numpy.stylize is required"}
def my_picture():
    return sample_picture("chelsea")

# %% [markdown]
# the files not handed in
# %% wrong={"cell": "my_picture", "loses": ["picture_done"], "says": "There is no picture holidays.jpg"}
def my_picture():
    return nst_numpy.stylize("holidays.jpg", "painting.jpg", size=64, iterations=20)
