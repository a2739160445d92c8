"""What a script of a peer ("torch", "jax", "tensorflow") takes from its start: it measures what `residual-lab signal` does by default,
the mean squares of h_k and of the gradients of 20 networks of 20 blocks h + W relu(h), of width 100 on 128 samples, batched, and prints them as JSON."""

import json
import sys

BLOCKS, WIDTH, NETWORKS, BATCH = 20, 100, 20, 128
SCALE = (2 / WIDTH) ** 0.5


def with_torch():
    import torch

    weights = [SCALE * torch.randn(NETWORKS, WIDTH, WIDTH) for _ in range(BLOCKS)]
    states = [torch.randn(NETWORKS, BATCH, WIDTH)]
    for weight in weights:
        states.append(states[-1] + torch.relu(states[-1]) @ weight)
    gradients = [torch.randn(NETWORKS, BATCH, WIDTH)]
    for weight, h in zip(reversed(weights), reversed(states[:-1])):
        gradients.append(gradients[-1] + (gradients[-1] @ weight.mT) * (h > 0))
    return [[h.square().mean((1, 2)).tolist() for h in part] for part in (states, gradients)]


def with_tensorflow():
    import tensorflow as tf

    weights = [SCALE * tf.random.normal((NETWORKS, WIDTH, WIDTH)) for _ in range(BLOCKS)]
    states = [tf.random.normal((NETWORKS, BATCH, WIDTH))]
    for weight in weights:
        states.append(states[-1] + tf.nn.relu(states[-1]) @ weight)
    gradients = [tf.random.normal((NETWORKS, BATCH, WIDTH))]
    for weight, h in zip(reversed(weights), reversed(states[:-1])):
        back = tf.matmul(gradients[-1], weight, transpose_b=True)
        gradients.append(gradients[-1] + back * tf.cast(h > 0, tf.float32))
    return [[tf.reduce_mean(tf.square(h), (1, 2)).numpy().tolist() for h in part] for part in (states, gradients)]


def with_jax():
    import jax
    import jax.numpy as jnp

    def measure(key):
        first, second, third = jax.random.split(key, 3)
        weights = SCALE * jax.random.normal(first, (BLOCKS, NETWORKS, WIDTH, WIDTH))

        def up(h, weight):
            following = h + jax.nn.relu(h) @ weight
            return following, (h, jnp.square(following).mean((1, 2)))

        x = jax.random.normal(second, (NETWORKS, BATCH, WIDTH))
        _, (states, forward) = jax.lax.scan(up, x, weights)

        def down(g, step):
            weight, h = step
            below = g + (g @ weight.mT) * (h > 0)
            return below, jnp.square(below).mean((1, 2))

        _, backward = jax.lax.scan(down, jax.random.normal(third, x.shape), (weights, states), reverse=True)
        return forward, backward

    return [part.tolist() for part in jax.jit(measure)(jax.random.key(1))]


print(json.dumps({"torch": with_torch, "tensorflow": with_tensorflow, "jax": with_jax}[sys.argv[1]]()))
