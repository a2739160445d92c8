"""The bench's other side: the same training step in PyTorch (argument "torch"), TensorFlow with Keras ("tensorflow") or JAX ("jax").

Reads one JSON line from standard input ({"blocks", "rate", "momentum", "batches", "file", ...}), says which variants it has, and then runs
{"variant", "steps"} one at a time, answering with milliseconds per step and the losses of the last step, before its update (none of Keras). The networks are the
lab's: ResNet-20 (He et al. 2015) on sequences and on images; else a linear stem, blocks (h + W relu(h) + b)/sqrt(2), a linear layer to ten classes, cross-entropy, SGD with momentum in PyTorch's form. All
start from the parameters and batches in the file (safetensors).
"""

import json
import struct
import sys
import time

import numpy as np


def main():
    setup = json.loads(sys.stdin.readline())
    parameters, residual, batches = load(setup)
    make = {"torch": torch_variants, "tensorflow": tensorflow_variants, "jax": jax_variants}[sys.argv[1]]
    variants = make(setup, parameters, residual, batches)
    answer({"variants": list(variants)})
    for line in sys.stdin:
        request = json.loads(line)
        step = variants[request["variant"]]
        times = []
        for _ in range(request["steps"]):
            start = time.perf_counter()
            losses = np.asarray(step())  # waits for the result, as training that shows its loss must
            times.append(1000 * (time.perf_counter() - start) / getattr(step, "steps", 1))
        answer({"times": times, "losses": losses.ravel().tolist()})


def answer(value):
    print(json.dumps(value), flush=True)


def load(setup):
    """Parameters of all networks in the order of the forward pass, [networks, in, out] and [networks, 1, out]; of each ResNet-20 its label,
    its parameters by name, [rows, columns], its batches, and the shape of a sample, channels last; batches (x, classes)."""
    with open(setup["file"], "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    arrays = {
        name: np.frombuffer(data[entry["data_offsets"][0] : entry["data_offsets"][1]], np.float32).reshape(entry["shape"])
        for name, entry in header.items()
    }
    layers = ["stem.stem", *(f"blocks.{k + 1}.linear-1" for k in range(setup["blocks"])), "output"]
    parameters = [arrays[f"{layer}.{role}"] for layer in layers for role in ("weight", "bias")]

    def batches_of(prefix):
        return [(arrays[f"{prefix}x{i}"], arrays[f"{prefix}y{i}"].argmax(1)) for i in range(setup["batches"])]

    def residual_of(label, shape):
        prefix = f"{label}."
        own = {name[len(prefix) :]: array[0] for name, array in arrays.items() if name.startswith(prefix) and not name[len(prefix) + 1 :].isdigit()}
        return own, batches_of(prefix), shape

    return parameters, {label: residual_of(label, shape) for label, shape in SAMPLES.items()}, batches_of("")


def in_turn(batches):
    while True:
        yield from batches


RSQRT2 = 0.5**0.5

# What the ResNet-20 of each label sees: positions, then channels.
SAMPLES = {"resnet": (40, 1), "images28": (28, 28, 1), "images32": (32, 32, 3)}

# Of ResNet-20's nine blocks: channels, and positions from one place to the next.
STAGES = [(16, 1)] * 3 + [(32, 2)] + [(32, 1)] * 2 + [(64, 2)] + [(64, 1)] * 2


def kernel(weight, dimensions=1):
    """A convolution's weight, three taps along each of one or two dimensions, [taps x in, out] tap by tap, as [taps, in, out] or [taps, taps, in, out]."""
    return weight.reshape(*[3] * dimensions, -1, weight.shape[1])


def torch_variants(setup, parameters, residual, batches):
    import torch
    import torch.nn.functional as F

    networks = len(parameters[0])
    rate, momentum = setup["rate"], setup["momentum"]
    tensors = [(torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))) for x, y in batches]

    def forward(own, x):
        h = torch.matmul(x, own[0]) + own[1]
        for k in range(2, len(own) - 2, 2):
            h = (h + torch.matmul(F.relu(h), own[k]) + own[k + 1]) * RSQRT2
        return torch.matmul(h, own[-2]) + own[-1]

    def alone(which):
        """One network as one writes it: nn.Linear, and the optimiser of the library."""

        class Network(torch.nn.Module):
            def __init__(self):
                super().__init__()
                shapes = [p.shape[1:] for p in parameters[::2]]
                self.layers = torch.nn.ModuleList(torch.nn.Linear(*shape) for shape in shapes)
                with torch.no_grad():
                    for i, layer in enumerate(self.layers):
                        layer.weight.copy_(torch.from_numpy(parameters[2 * i][which].T.copy()))
                        layer.bias.copy_(torch.from_numpy(parameters[2 * i + 1][which][0].copy()))

            def forward(self, x):
                h = self.layers[0](x)
                for layer in self.layers[1:-1]:
                    h = (h + layer(F.relu(h))) * RSQRT2
                return self.layers[-1](h)

        network = Network()
        optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum)
        turn = in_turn(tensors)

        def step():
            x, y = next(turn)
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    def batched():
        """All networks as one, their products by bmm."""
        own = [torch.from_numpy(p.copy()).requires_grad_() for p in parameters]
        optimizer = torch.optim.SGD(own, lr=rate, momentum=momentum)
        turn = in_turn(tensors)

        def step():
            x, y = next(turn)
            optimizer.zero_grad(set_to_none=True)
            logits = forward(own, x.expand(networks, *x.shape))
            losses = F.cross_entropy(logits.transpose(1, 2), y.expand(networks, -1), reduction="none").mean(1)
            losses.sum().backward()
            optimizer.step()
            return losses.detach().numpy()

        return step

    def functional(grad_and_value, vmap):
        own = [torch.from_numpy(p.copy()) for p in parameters]
        velocities = [torch.zeros_like(p) for p in own]
        turn = in_turn(tensors)
        gradients_of = vmap(grad_and_value(lambda own, x, y: F.cross_entropy(forward(own, x), y)), in_dims=(0, None, None))

        def step():
            x, y = next(turn)
            gradients, losses = gradients_of(own, x, y)
            with torch.no_grad():
                for p, v, g in zip(own, velocities, gradients):
                    v.mul_(momentum).add_(g)
                    p.sub_(v, alpha=rate)
            return losses.detach().numpy()

        return step

    def resnet20(label):
        resnet, own_batches, shape = residual[label]
        dimensions = len(shape) - 1
        Convolution, Norm = (torch.nn.Conv1d, torch.nn.BatchNorm1d) if dimensions == 1 else (torch.nn.Conv2d, torch.nn.BatchNorm2d)

        class Block(torch.nn.Module):
            def __init__(self, at, inputs, channels, stride):
                super().__init__()
                self.every = (..., *[slice(None, None, stride)] * dimensions)
                self.more = [0, 0] * dimensions + [0, channels - inputs]
                self.conv1, self.norm1 = convolution(f"{at}.conv-1", stride), normalisation(f"{at}.batch-norm-1", channels)
                self.conv2, self.norm2 = convolution(f"{at}.conv-2", 1), normalisation(f"{at}.batch-norm-2", channels)

            def forward(self, h):
                branch = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(h)))))
                return F.relu(F.pad(h[self.every], self.more) + branch)

        def convolution(at, stride):
            weight = torch.from_numpy(np.moveaxis(kernel(resnet[f"{at}.weight"], dimensions), (-1, -2), (0, 1)).copy())
            layer = Convolution(weight.shape[1], weight.shape[0], 3, stride, 1, bias=False)
            layer.weight.data.copy_(weight)
            return layer

        def normalisation(at, channels):
            norm = Norm(channels)
            norm.weight.data.copy_(torch.from_numpy(resnet[f"{at}.gain"][0].copy()))
            norm.bias.data.copy_(torch.from_numpy(resnet[f"{at}.shift"][0].copy()))
            return norm

        before = [16] + [channels for channels, _ in STAGES[:-1]]
        blocks = [Block(f"blocks.{k + 1}", before[k], *stage) for k, stage in enumerate(STAGES)]
        stem = [convolution("stem.stem", 1), normalisation("stem.batch-norm", 16), torch.nn.ReLU()]
        body = torch.nn.Sequential(*stem, *blocks)
        head = torch.nn.Linear(64, 10)
        head.weight.data.copy_(torch.from_numpy(resnet["output.weight"].T.copy()))
        head.bias.data.copy_(torch.from_numpy(resnet["output.bias"][0].copy()))
        optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=rate, momentum=momentum)
        channels_first = [np.moveaxis(x.reshape(-1, *shape), -1, 1).copy() for x, _ in own_batches]
        turn = in_turn([(torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))) for x, (_, y) in zip(channels_first, own_batches)])

        def step():
            x, y = next(turn)
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(head(body(x).flatten(2).mean(2)), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    loop = [alone(i) for i in range(networks)]
    variants = {
        "1 PyTorch": alone(0),
        **{f"{label} PyTorch": resnet20(label) for label in SAMPLES},
        "n PyTorch one at a time": lambda: [step() for step in loop],
        "n PyTorch batched": batched(),
    }
    try:
        from torch.func import grad_and_value, vmap
    except ImportError:
        try:
            from functorch import grad_and_value, vmap  # what torch.func was before PyTorch 2
        except ImportError:
            return variants
    return {**variants, "n torch.func": functional(grad_and_value, vmap)}


def tensorflow_variants(setup, parameters, residual, batches):
    import keras
    import tensorflow as tf

    networks = len(parameters[0])
    rate, momentum = setup["rate"], setup["momentum"]
    tensors = [(tf.constant(x), tf.constant(y, tf.int32)) for x, y in batches]

    def make_step(pick):
        own = [tf.Variable(pick(p)) for p in parameters]
        velocities = [tf.Variable(tf.zeros_like(p)) for p in own]
        turn = in_turn(tensors)

        @tf.function
        def update(x, y):
            with tf.GradientTape() as tape:
                h = tf.matmul(x, own[0]) + own[1]
                for k in range(2, len(own) - 2, 2):
                    h = (h + tf.matmul(tf.nn.relu(h), own[k]) + own[k + 1]) * RSQRT2
                logits = tf.matmul(h, own[-2]) + own[-1]
                labels = tf.broadcast_to(y, tf.shape(logits)[:-1])
                losses = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), -1)
                total = tf.reduce_sum(losses)
            for p, v, g in zip(own, velocities, tape.gradient(total, own)):
                v.assign(momentum * v + g)
                p.assign_sub(rate * v)
            return losses

        return lambda: update(*next(turn))

    x_all, y_all = (np.concatenate(parts) for parts in zip(*batches))

    def keras_fit(which):
        """One network by Keras: a call of `fit` over all batches, so that what the call costs is shared by its steps."""
        inputs = keras.Input((parameters[0].shape[1],))
        h = keras.layers.Dense(parameters[0].shape[2])(inputs)
        for _ in range(setup["blocks"]):
            branch = keras.layers.Dense(parameters[0].shape[2])(keras.layers.ReLU()(h))
            h = keras.layers.Rescaling(RSQRT2)(keras.layers.Add()([h, branch]))
        model = keras.Model(inputs, keras.layers.Dense(parameters[-1].shape[2])(h))
        model.set_weights([p[which] if i % 2 == 0 else p[which][0] for i, p in enumerate(parameters)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(rate, momentum), loss)

        def fit():
            model.fit(x_all, y_all, batch_size=setup["batch"], shuffle=False, verbose=0)
            return []

        fit.steps = len(batches)
        return fit

    def resnet20(label):
        resnet, own_batches, shape = residual[label]
        dimensions = len(shape) - 1
        places = list(range(1, 1 + dimensions))

        def is_kernel(name, array):
            return array.shape[0] % 3**dimensions == 0 and "output" not in name

        own = {name: tf.Variable(kernel(array, dimensions) if is_kernel(name, array) else array) for name, array in resnet.items()}
        velocities = {name: tf.Variable(tf.zeros_like(p)) for name, p in own.items()}
        turn = in_turn([(tf.constant(x.reshape(-1, *shape)), tf.constant(y, tf.int32)) for x, y in own_batches])

        def layer(h, conv, norm, stride):
            margins = [[0, 0], *[[1, 1]] * dimensions, [0, 0]]
            h = tf.nn.convolution(tf.pad(h, margins), own[f"{conv}.weight"], stride, "VALID")
            mean, variance = tf.nn.moments(h, [0, *places])
            return tf.nn.batch_normalization(h, mean, variance, own[f"{norm}.shift"], own[f"{norm}.gain"], 1e-5)

        def forward(x):
            h = tf.nn.relu(layer(x, "stem.stem", "stem.batch-norm", 1))
            for k, (channels, stride) in enumerate(STAGES):
                at = f"blocks.{k + 1}"
                branch = tf.nn.relu(layer(h, f"{at}.conv-1", f"{at}.batch-norm-1", stride))
                branch = layer(branch, f"{at}.conv-2", f"{at}.batch-norm-2", 1)
                every = (slice(None), *[slice(None, None, stride)] * dimensions)
                h = tf.nn.relu(tf.pad(h[every], [[0, 0]] * (1 + dimensions) + [[0, channels - h.shape[-1]]]) + branch)
            return tf.reduce_mean(h, places) @ own["output.weight"] + own["output.bias"]

        @tf.function
        def update(x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, forward(x)))
            for name, g in tape.gradient(loss, own).items():
                velocities[name].assign(momentum * velocities[name] + g)
                own[name].assign_sub(rate * velocities[name])
            return loss

        return lambda: update(*next(turn))

    def keras_resnet20():
        """ResNet-20 by Keras, from its own start: what it costs does not depend on the numbers."""
        layers = keras.layers

        def layer(h, channels, stride):
            h = layers.Conv1D(channels, 3, stride, use_bias=False)(layers.ZeroPadding1D(1)(h))
            return layers.BatchNormalization(epsilon=1e-5)(h)

        inputs = keras.Input((parameters[0].shape[1],))
        h = layers.ReLU()(layer(layers.Reshape((-1, 1))(inputs), 16, 1))
        for channels, stride in STAGES:
            branch = layer(layers.ReLU()(layer(h, channels, stride)), channels, 1)
            skip = keras.ops.pad(h[:, ::stride], [[0, 0], [0, 0], [0, channels - h.shape[2]]])
            h = layers.ReLU()(layers.Add()([skip, branch]))
        model = keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling1D()(h)))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(rate, momentum), loss)

        def fit():
            model.fit(x_all, y_all, batch_size=setup["batch"], shuffle=False, verbose=0)
            return []

        fit.steps = len(batches)
        return fit

    def fit_all():
        for fit in loop:
            fit()
        return []

    fit_all.steps = len(batches)
    loop = [keras_fit(i) for i in range(networks)]
    return {
        "1 tf.function": make_step(lambda p: p[0]),
        "1 Keras fit": keras_fit(0),
        "n tf.function": make_step(lambda p: p),
        **{f"{label} tf.function": resnet20(label) for label in SAMPLES},
        "resnet Keras fit": keras_resnet20(),
        "n Keras fit, one at a time": fit_all,
    }


def jax_variants(setup, parameters, residual, batches):
    import jax
    import jax.numpy as jnp

    rate, momentum = setup["rate"], setup["momentum"]

    def loss_of(own, x, y):
        h = x @ own[0] + own[1]
        for k in range(2, len(own) - 2, 2):
            h = (h + jax.nn.relu(h) @ own[k] + own[k + 1]) * RSQRT2
        logits = jax.nn.log_softmax(h @ own[-2] + own[-1])
        return -jnp.mean(jnp.take_along_axis(logits, y[:, None], 1))

    def update(own, velocities, x, y):
        loss, gradients = jax.value_and_grad(loss_of)(own, x, y)
        velocities = [momentum * v + g for v, g in zip(velocities, gradients)]
        return [p - rate * v for p, v in zip(own, velocities)], velocities, loss

    def make_step(function, pick):
        own = [jnp.asarray(pick(p)) for p in parameters]
        state = {"own": own, "velocities": [jnp.zeros_like(p) for p in own]}
        # The old parameters' memory may be used for the new ones.
        compiled = jax.jit(function, donate_argnums=(0, 1))
        turn = in_turn(batches)

        def step():
            state["own"], state["velocities"], loss = compiled(state["own"], state["velocities"], *next(turn))
            return jax.block_until_ready((loss, state["own"]))[0]

        return step

    return {
        "1 JAX jit": make_step(update, lambda p: p[0]),
        "n JAX vmap + jit": make_step(jax.vmap(update, in_axes=(0, 0, None, None)), lambda p: p),
    }


main()
