"""The bench's other side: the same training step in TensorFlow (argument "tensorflow") or JAX ("jax").

Reads one JSON line from standard input ({"blocks", "width", "batch", "rate", "files": [...]}), says which variants it has, and then runs
{"variant", "steps"} one at a time, answering with milliseconds per step and the losses of the last step. Type-2 blocks h + W relu(h) + b, mean
squared error, plain SGD. The 30-network variants start from the same numbers as the lab's.
"""

import json
import sys
import time

import numpy as np


def main():
    setup = json.loads(sys.stdin.readline())
    networks, weights, x, y = load(setup)
    variants = {"tensorflow": tensorflow_variants, "jax": jax_variants}[sys.argv[1]](setup, networks, weights, x, y)
    answer({"variants": list(variants)})
    for line in sys.stdin:
        request = json.loads(line)
        step = variants[request["variant"]]
        times = []
        for _ in range(request["steps"]):
            start = time.perf_counter()
            losses = np.asarray(step())  # waits for the result, as training that shows its loss must
            times.append(1000 * (time.perf_counter() - start))
        answer({"times": times, "losses": losses.ravel().tolist()})


def answer(value):
    print(json.dumps(value), flush=True)


def load(setup):
    networks, blocks, batch, width = (setup[key] for key in ("networks", "blocks", "batch", "width"))
    values = np.fromfile(setup["file"], dtype=np.float32)
    split = blocks * networks * width * width
    weights = values[:split].reshape(blocks, networks, width, width)
    x, y = values[split:].reshape(2, networks, batch, width)
    return networks, weights, x, y


def tensorflow_variants(setup, networks, weights, x, y):
    import tensorflow as tf

    rate = tf.constant(setup["rate"], tf.float32)

    def make_step(which):
        """`which` is one network's number, or None for all of them on a batch axis."""
        pick = (lambda a: a) if which is None else (lambda a: a[which])
        axes = [-2, -1]
        ws = [tf.Variable(pick(w)) for w in weights]
        bs = [tf.Variable(tf.zeros(w.shape[:-2] + (1, w.shape[-1]))) for w in ws]
        inputs, targets = tf.constant(pick(x)), tf.constant(pick(y))

        def step():
            with tf.GradientTape() as tape:
                h = inputs
                for w, b in zip(ws, bs):
                    h = h + tf.matmul(tf.nn.relu(h), w) + b
                loss = tf.reduce_mean(tf.square(h - targets), axes)
                total = tf.reduce_sum(loss)
            for variable, gradient in zip(ws + bs, tape.gradient(total, ws + bs)):
                variable.assign_sub(rate * gradient)
            return loss

        return step

    one_at_a_time = [tf.function(make_step(i)) for i in range(networks)]
    return {
        "1 TensorFlow eager": make_step(0),
        "1 tf.function": tf.function(make_step(0)),
        "n TensorFlow eager": make_step(None),
        "n tf.function one at a time": lambda: [step() for step in one_at_a_time],
        "n tf.function": tf.function(make_step(None)),
    }


def jax_variants(setup, networks, weights, x, y):
    import jax
    import jax.numpy as jnp

    def loss_of(parameters, x, y):
        ws, bs = parameters
        h = x
        for w, b in zip(ws, bs):
            h = h + jax.nn.relu(h) @ w + b
        return jnp.mean(jnp.square(h - y))

    def update(parameters, x, y):
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - setup["rate"] * g, parameters, gradients), loss

    def make_step(function, pick):
        ws = [jnp.asarray(pick(w)) for w in weights]
        state = {"parameters": (ws, [jnp.zeros(w.shape[:-2] + (1, w.shape[-1])) for w in ws])}
        inputs, targets = jnp.asarray(pick(x)), jnp.asarray(pick(y))
        # The old parameters' memory may be used for the new ones.
        compiled = jax.jit(function, donate_argnums=0)

        def step():
            state["parameters"], loss = compiled(state["parameters"], inputs, targets)
            return jax.block_until_ready((loss, state["parameters"]))[0]

        return step

    return {
        "1 JAX jit": make_step(update, lambda a: a[0]),
        "n JAX vmap + jit": make_step(jax.vmap(update), lambda a: a),
    }


main()
