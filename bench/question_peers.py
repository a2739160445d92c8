"""The peers of the questions that the lab answers from the request to the last curve: PyTorch (argument "torch") and JAX ("jax").

Reads one JSON line from standard input, {"folder"}, and answers with what it computes with; then takes {"variant", "question"} one at a time and answers
with the seconds that it took, weights and input drawn, every statistic read back. The networks are modules that the lab writes (residual-lab code) into the
folder, one a series: ID-SERIES.torch.py and ID-SERIES.jax.py. Measured are, of each network, the mean square q, batch variance v and square of the batch
mean m of every h_k, the mean square p of the gradient from an independent normal one at the top, and the squared norm of every block's gradients; of a line
of inputs (shattered gradients) y and dy/dx with batch statistics held, the autocorrelation of dy/dx, and the correlation of gradients of independent inputs.
"""

import importlib.util
import inspect
import json
import os
import re
import resource
import sys
import time

import numpy as np


def main():
    setup = json.loads(sys.stdin.readline())
    make = {"torch": torch_variants, "jax": jax_variants}[sys.argv[1]]
    variants, about = make()
    answer({"variants": list(variants), **about})
    for line in sys.stdin:
        request = json.loads(line)
        question = request["question"]
        modules = [module_of(f"{setup['folder']}/{question['id']}-{i}.{sys.argv[1]}.py") for i in range(question["series"])]
        before = peak_bytes()
        start = time.perf_counter()
        for module in modules:
            variants[request["variant"]](module, question)
        answer({"seconds": time.perf_counter() - start, "startBytes": before, "peakBytes": peak_bytes()})


def answer(value):
    print(json.dumps(value), flush=True)


def peak_bytes():
    """The most memory that this process has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


known = {}


def module_of(path):
    """A module of its own name, loaded once: a function that was compiled is found again."""
    if path not in known:
        specification = importlib.util.spec_from_file_location(f"network_{len(known)}", path)
        known[path] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(known[path])
    return known[path]


def blas_in_use():
    """Which library multiplies matrices, by the files that this process has mapped."""
    maps = open("/proc/self/maps").read() if os.path.exists("/proc/self/maps") else ""
    files = {os.path.realpath(path) for path in re.findall(r"(/\S*(?:blas|mkl|blis)\S*\.so\S*)", maps)}
    for name, words in [("MKL", "mkl"), ("OpenBLAS", "openblas"), ("BLIS", "blis"), ("the reference BLAS", "/blas/libblas")]:
        if any(words in path for path in files):
            return name
    return None


def torch_variants():
    import torch

    (torch.randn(64, 64) @ torch.randn(64, 64)).sum()
    built_with = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    named = built_with.group(1) if built_with else "unknown"
    blas = {"mkl": "MKL", "open": "OpenBLAS"}.get(named) or blas_in_use() or named
    try:
        from torch.func import functional_call, stack_module_state, vjp, vmap

        def ensemble(blocks):
            parameters, _ = stack_module_state(blocks)
            return lambda own, h: functional_call(blocks[0], own, (h,)), parameters

    except ImportError:
        try:
            from functorch import combine_state_for_ensemble, vjp, vmap  # what torch.func was before PyTorch 2

            def ensemble(blocks):
                function, parameters, buffers = combine_state_for_ensemble(blocks)
                return lambda own, h: function(own, (), h), parameters

        except ImportError:
            ensemble = None

    def input_of(question):
        *places, units = question["peers"]["sample"]
        return torch.randn(question["peers"]["batch"], units, *places)

    def forgetful(network):
        """Its norms keep no running statistics: nothing evaluates it, and vmap refuses updates in place."""
        for part in network.modules():
            if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
                part.track_running_stats = False
                part.running_mean = part.running_var = part.num_batches_tracked = None
        return network

    def statistics(h):
        mean = h.mean(0)
        return torch.stack([h.square().mean(), h.var(0, unbiased=False).mean(), mean.square().mean()])

    def signal_with_hooks(module, question):
        """Network by network, as one writes it: hooks on every block."""
        found = []
        for _ in range(question["peers"]["replicas"]):
            network = forgetful(module.Network())
            x = input_of(question)
            h = network.stem(x) if hasattr(network, "stem") else x
            h = h.detach().requires_grad_()
            forward, backward = [statistics(h.detach())], []
            for block in network.blocks:
                block.register_forward_hook(lambda _block, _input, h: forward.append(statistics(h.detach())))
                block.register_full_backward_hook(lambda _block, _input, g: backward.append(g[0].square().mean()))
            top = network.blocks(h)
            top.backward(torch.randn_like(top))
            backward.append(h.grad.square().mean())
            norms = [sum(p.grad.square().sum() for p in block.parameters() if p.dim() > 1) for block in network.blocks]
            found.append([torch.stack(values).numpy() for values in (forward, backward, norms)])
        return found

    def signal_batched(module, question):
        """All networks of a series as one, by vmap; each block's gradient by vjp."""
        networks = [forgetful(module.Network()) for _ in range(question["peers"]["replicas"])]
        x = torch.stack([input_of(question) for _ in networks])
        if hasattr(networks[0], "stem"):
            x = torch.stack([network.stem(own) for network, own in zip(networks, x)]).detach()
        blocks = [ensemble([network.blocks[k] for network in networks]) for k in range(len(networks[0].blocks))]

        def one(parameters, h, g):
            pulls, forward = [], [statistics(h)]
            for (function, _), own in zip(blocks, parameters):
                h, pull = vjp(function, own, h)
                pulls.append(pull)
                forward.append(statistics(h))
            backward, norms = [g.square().mean()], []
            for pull in reversed(pulls):
                gradients, g = pull(g)
                every = gradients.values() if isinstance(gradients, dict) else gradients
                norms.append(sum(d.square().sum() for d in every if d.dim() > 1))
                backward.append(g.square().mean())
            return torch.stack(forward), torch.stack(backward), torch.stack(norms)

        with torch.no_grad():
            g = torch.randn(len(networks), *networks[0].blocks(x[0]).shape)
            parameters = [own for _, own in blocks]
            return [part.numpy() for part in vmap(one)(parameters, x, g)]

    def shatter_with_hooks(module, question):
        """Network by network: y and dy/dx on the line, and gradients at independent inputs."""
        peers = question["peers"]
        units = peers["sample"][-1]
        line = torch.linspace(-2, 2, peers["points"])[:, None]
        found = []
        for _ in range(peers["replicas"]):
            network = module.Network()
            stem, head = torch.randn(1, units), torch.randn(units, 1) / units**0.5

            def gradient(h, network=network, head=head):
                hold_statistics(network, h)
                h = h.detach().requires_grad_()
                (network(h) @ head).sum().backward()
                return h.grad

            slope = (gradient(line @ stem) @ stem.T)[:, 0]
            slope = slope - slope.mean()
            spectrum = torch.fft.rfft(slope, 2 * len(slope))
            correlation = torch.fft.irfft(spectrum.abs().square())[: len(slope) // 2 + 1]
            g = torch.nn.functional.normalize(gradient(torch.randn(peers["batch"], units)), dim=1)
            found.append([(correlation / correlation[0]).numpy(), (g @ g.T).mean().item()])
        return found

    def hold_statistics(network, h):
        """What the batch's mean and variance are is measured first, and constant in the derivative."""
        norms = [part for part in network.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]
        if norms:
            for norm in norms:
                norm.momentum = 1.0
            network.train()
            with torch.no_grad():
                network(h)
        network.eval()

    def eager(module, question):
        return (signal_with_hooks if question["peers"]["points"] is None else shatter_with_hooks)(module, question)

    variants = {"PyTorch, hooks": eager}
    if ensemble:
        variants["PyTorch, vmap"] = signal_batched
    return variants, {"version": torch.__version__, "blas": blas, "compiles": hasattr(torch, "compile")}


def jax_variants():
    import jax
    import jax.numpy as jnp

    def statistics(h):
        mean = h.mean(0)
        return jnp.stack([jnp.square(h).mean(), h.var(0).mean(), jnp.square(mean).mean()])

    def training(function):
        """A part's value in training; what has no norm is the same in every mode."""
        return (lambda p, h: function(p, h, "train")) if "mode" in inspect.signature(function).parameters else function

    def norm_of(gradients):
        return sum(jnp.square(d).sum() for d in jax.tree.leaves(gradients) if d.ndim > 1)

    def unrolled(module):
        def one(key, x):
            own, top = jax.random.split(key)
            p = module.init(own)
            h = training(module.STEM[1])(p["stem"], x) if hasattr(module, "STEM") else x
            pulls, forward = [], [statistics(h)]
            for parameters, (_, block) in zip(p["blocks"], module.BLOCKS):
                h, pull = jax.vjp(training(block), parameters, h)
                pulls.append(pull)
                forward.append(statistics(h))
            g = jax.random.normal(top, h.shape)
            backward, norms = [jnp.square(g).mean()], []
            for pull in reversed(pulls):
                gradients, g = pull(g)
                norms.append(norm_of(gradients))
                backward.append(jnp.square(g).mean())
            return jnp.stack(forward), jnp.stack(backward), jnp.stack(norms)

        return one

    def scanned(module):
        """Blocks that are all equal: compiled once, whatever the depth."""
        init, block = module.BLOCKS[0][0], training(module.BLOCKS[0][1])

        def one(key, x):
            own, top = jax.random.split(key)
            keys = jax.random.split(own, len(module.BLOCKS))

            def up(h, key):
                following = block(init(key), h)
                return following, (h, statistics(following))

            h, (states, forward) = jax.lax.scan(up, x, keys)
            g = jax.random.normal(top, h.shape)

            def down(g, step):
                key, h = step
                _, pull = jax.vjp(block, init(key), h)
                gradients, below = pull(g)
                return below, (jnp.square(below).mean(), norm_of(gradients))

            _, back = jax.lax.scan(down, g, (keys, states), reverse=True)
            return statistics(x), forward, back

        return one

    compiled = {}

    def signal(module, question):
        peers = question["peers"]
        if module not in compiled:
            one = scanned(module) if peers["uniform"] else unrolled(module)
            compiled[module] = jax.jit(jax.vmap(one))
        keys = jax.random.split(jax.random.key(1), peers["replicas"])
        x = jax.random.normal(jax.random.key(2), (peers["replicas"], peers["batch"], *peers["sample"]))
        return [np.asarray(part) for part in jax.tree.leaves(compiled[module](keys, x))]

    return {"JAX, jit + vmap": signal}, {"version": jax.__version__, "blas": None, "compiles": True}


main()
