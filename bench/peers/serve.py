"""Runs work for bench/peers/python.ts: one JSON request a line in, one JSON answer a line out.

Operands and results are raw little-endian files; times are taken here, so the pipe is not in them.
"""

import json
import sys
import time

import numpy as np

JOBS = []


def array(path, dtype, *shape):
    return np.fromfile(path, dtype).reshape(shape)


def product(request):
    form, m, n, k = (request[key] for key in ("form", "m", "n", "k"))
    a = array(request["a"], np.float32, *((k, m) if form == "TN" else (m, k)))
    b = array(request["b"], np.float32, *((n, k) if form == "NT" else (k, n)))
    left = a.T if form == "TN" else a
    right = b.T if form == "NT" else b
    return (lambda: left @ right), (lambda: left @ right)


def eigh(request):
    n = request["n"]
    matrices = array(request["matrices"], np.float64, -1, n, n)
    run = lambda: [np.linalg.eigh(a) for a in matrices]
    return run, lambda: np.concatenate([values for values, _ in run()])


def svd(request):
    a = array(request["matrix"], np.float64, request["rows"], request["columns"])
    run = lambda: np.linalg.svd(a, full_matrices=False)
    return run, lambda: run()[1]


def network(request):
    import torch

    torch.set_num_threads(1)
    parts = []
    for layer, path in zip(request["layers"], request["weights"]):
        twice = 2 if layer["type"] == "bilinear" else 1
        weight = array(path, np.float32, twice, layer["outputs"], layer["inputs"])
        parts.append([torch.tensor(part).requires_grad_() for part in weight])

    def model(x):
        for weights in parts:
            products = [x @ weight.T for weight in weights]
            x = products[0] * products[1] if len(products) == 2 else products[0]
        return x

    shape = (request["rows"], request["features"])
    batches = [
        (array(inputs, np.float32, *shape), array(labels, np.int32, -1).astype(np.int64))
        for inputs, labels in request["batches"]
    ]
    return torch, model, [weight for part in parts for weight in part], batches


def training(request):
    torch, model, parameters, batches = network(request)
    optimizer = torch.optim.AdamW(
        parameters, lr=request["learningRate"], weight_decay=request["weightDecay"]
    )
    taken = 0

    def step():
        nonlocal taken
        inputs, labels = batches[taken % len(batches)]
        taken += 1
        loss = torch.nn.functional.cross_entropy(
            model(torch.tensor(inputs)), torch.tensor(labels)
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, lambda: np.array([step() for _ in range(5)], np.float32)


def inference(request):
    torch, model, _, batches = network(request)

    def run():
        with torch.inference_mode():
            return model(torch.tensor(batches[0][0])).numpy()

    return run, run


def unfold(x, mode):
    return np.moveaxis(x, mode, 0).reshape(x.shape[mode], -1)


def mode_dot(x, matrix, mode):
    return np.moveaxis(np.tensordot(matrix, x, axes=(1, mode)), 0, mode)


def khatri_rao(factors):
    result = factors[0]
    for factor in factors[1:]:
        result = (result[:, None] * factor[None]).reshape(-1, factor.shape[1])
    return result


def cp(request):
    """Alternating least squares as tensorly writes it: unfold, Khatri-Rao product, solve."""
    shape, rank = request["shape"], request["rank"]
    x = array(request["tensor"], np.float64, *shape)
    start = [array(f, np.float64, n, rank) for f, n in zip(request["start"], shape)]
    size = np.linalg.norm(x)

    def run():
        factors, errors = list(start), []
        for _ in range(request["sweeps"]):
            for mode in range(x.ndim):
                others = [f for i, f in enumerate(factors) if i != mode]
                gram = np.prod([f.T @ f for f in others], axis=0)
                target = unfold(x, mode) @ khatri_rao(others)
                factors[mode] = np.linalg.solve(gram.T, target.T).T
            model = np.sum(gram * (factors[-1].T @ factors[-1]))
            inner = np.sum(target * factors[-1])
            errors.append(np.sqrt(max(0, size**2 - 2 * inner + model)) / size)
        return errors

    return run, lambda: np.array(run())


def tucker(request):
    """HOOI as tensorly writes it: start from the HOSVD, project onto the others, svd."""
    shape, ranks = request["shape"], request["ranks"]
    x = array(request["tensor"], np.float64, *shape)
    size = np.linalg.norm(x)

    def leading(x, mode):
        return np.linalg.svd(unfold(x, mode), full_matrices=False)[0][:, : ranks[mode]]

    def run():
        factors, errors = [leading(x, mode) for mode in range(x.ndim)], []
        for _ in range(request["sweeps"]):
            for mode in range(x.ndim):
                y = x
                for other in range(x.ndim):
                    if other != mode:
                        y = mode_dot(y, factors[other].T, other)
                factors[mode] = leading(y, mode)
            core = mode_dot(y, factors[-1].T, x.ndim - 1)
            errors.append(np.sqrt(max(0, size**2 - np.linalg.norm(core) ** 2)) / size)
        return errors

    return run, lambda: np.array(run()[-1:])


def open_(request):
    """Versions, and which BLAS multiplies: the reference one is twenty times too slow to be a peer."""
    name = request["library"]
    version = __import__(name).__version__
    if name == "torch":
        __import__(name).ones(64, 64) @ __import__(name).ones(64, 64)
    np.ones((64, 64)) @ np.ones((64, 64))
    with open("/proc/self/maps") as maps:
        text = maps.read().lower()
    known = [blas for blas in ("openblas", "mkl", "blis", "accelerate") if blas in text]
    return {"version": version, "blas": known}


def answer(request):
    action = request["action"]
    if action == "open":
        return open_(request)
    if action == "time":
        run = JOBS[request["job"]][0]
        start = time.perf_counter()
        for _ in range(request["calls"]):
            run()
        return {"milliseconds": 1000 * (time.perf_counter() - start)}
    if action == "result":
        found = np.ascontiguousarray(JOBS[request["job"]][1]())
        found.tofile(request["path"])
        return {"dtype": str(found.dtype)}
    if action == "end":
        JOBS[request["job"]] = None
        return {}
    JOBS.append(KINDS[action](request))
    return {"job": len(JOBS) - 1}


KINDS = {
    f.__name__: f for f in (product, eigh, svd, cp, tucker, training, inference)
}

for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
