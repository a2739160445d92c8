"""Trains networks of type 2 in PyTorch from given weights on given batches, and prints the loss of every step.

Standard input: one JSON document a line, {settings, parameters: [by name, one dictionary a network], batches}. Every
array is {shape, data}, data being base64 of little-endian float32. Standard output: one JSON list of losses a line,
each the mean over the networks.
"""

import base64
import json
import math
import sys

import numpy
import torch
import torch.nn.functional as F


def tensor(array):
    values = numpy.frombuffer(base64.b64decode(array["data"]), dtype="<f4")
    return torch.from_numpy(values.reshape(array["shape"]).copy())


def layer(h, weight, bias, dense):
    """A linear layer, or three taps along the positions: weight [taps x inputs, outputs], tap by tap."""
    if dense:
        return h @ weight if bias is None else h @ weight + bias
    kernel = weight.reshape(3, -1, weight.shape[1]).permute(2, 1, 0)
    return F.conv1d(h, kernel, None if bias is None else bias.reshape(-1), padding=1)


def skipinit(h, of):
    """De and Smith 2020: the branch without its norms, times a learned scalar at its end."""
    branch = torch.relu(h) @ of("linear-1.weight") + of("linear-1.bias")
    branch = torch.relu(branch) @ of("linear-2.weight") + of("linear-2.bias")
    return branch * of("branch-scale-1.gain")


def fixup(h, of):
    """Zhang et al. 2019: scalar biases before layers and activations, and a scalar multiplier at the branch's end."""
    branch = torch.relu(h + of("shift-1.shift")) + of("shift-2.shift")
    branch = branch @ of("linear-1.weight") + of("linear-1.bias")
    branch = torch.relu(branch + of("shift-3.shift")) + of("shift-4.shift")
    return (branch @ of("linear-2.weight") + of("linear-2.bias")) * of("branch-scale-1.gain")


WITHOUT_NORMS = {"skipinit": skipinit, "fixup": fixup}


def forward(x, parameters, settings):
    dense = settings["dense"]
    find = lambda prefix, role: next(
        (value for name, value in parameters.items() if name.startswith(prefix) and name.endswith("." + role)), None
    )
    h = layer(x if dense else x.unsqueeze(1), find("stem.", "weight"), find("stem.", "bias"), dense)
    for k in range(1, settings["blocks"] + 1):
        at = f"blocks.{k}."
        if settings["remedy"] in WITHOUT_NORMS:
            h = h + WITHOUT_NORMS[settings["remedy"]](h, lambda name: parameters[at + name])
            continue
        branch = h
        if settings["remedy"] == "batch-norm":
            gain, shift = find(at, "gain").reshape(-1), find(at, "shift").reshape(-1)
            branch = F.batch_norm(branch, None, None, gain, shift, training=True, eps=1e-5)
        branch = layer(torch.relu(branch), find(at, "weight"), find(at, "bias"), dense)
        if settings["remedy"] == "rsqrt2-skip":
            h = h * math.sqrt(0.5)
        h = branch if settings["skip"] == "off" else h + branch
        if settings["remedy"] == "rsqrt2":
            h = h * math.sqrt(0.5)
    return (h if dense else h.mean(2)) @ parameters["output.weight"] + parameters["output.bias"]


def optimizer(parameters, settings):
    rate, decay = settings["learningRate"], settings["weightDecay"]
    momentum, beta2, epsilon = settings["momentum"], settings["beta2"], settings["epsilon"]
    if settings["optimizer"] == "sgd":
        nesterov = settings["nesterov"] == "on"
        return torch.optim.SGD(parameters, rate, momentum, weight_decay=decay, nesterov=nesterov)
    if settings["optimizer"] == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, beta2, epsilon, decay, momentum)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings["optimizer"]]
    return kind(parameters, rate, (momentum, beta2), epsilon, weight_decay=decay)


def schedule(own, settings):
    """The learning rates as PyTorch's own schedulers make them, warm-up and all."""
    schedulers = torch.optim.lr_scheduler
    steps, warmup = settings["steps"], settings["warmup"]
    kinds = {
        "constant": lambda: [],
        "step": lambda: [
            schedulers.MultiStepLR(own, [round(share * steps) for share in settings["milestones"]], settings["decay"])
        ],
        "cosine": lambda: [schedulers.CosineAnnealingLR(own, steps)],
        "one-cycle": lambda: [
            schedulers.OneCycleLR(own, settings["learningRate"], total_steps=steps, cycle_momentum=False)
        ],
    }
    warm = [schedulers.LinearLR(own, 1 / warmup, 1, warmup - 1)] if warmup > 1 else []
    return warm + kinds[settings["schedule"]]()


def train(parameters, batches, settings):
    parameters = {name: tensor(array).requires_grad_() for name, array in parameters.items()}
    own = optimizer(list(parameters.values()), settings)
    schedulers = schedule(own, settings)
    losses = []
    for batch in batches:
        x, y = tensor(batch["x"]), tensor(batch["y"])
        outputs = forward(x, parameters, settings)
        if settings["loss"] == "mse":
            loss = torch.nn.MSELoss()(outputs, y)
        else:
            loss = F.cross_entropy(outputs, y, label_smoothing=settings["labelSmoothing"])
        own.zero_grad()
        loss.backward()
        if settings["clip"]:
            torch.nn.utils.clip_grad_norm_(list(parameters.values()), settings["clip"])
        own.step()
        for one in schedulers:
            one.step()
        losses.append(loss.item())
    return losses


for line in sys.stdin:
    document = json.loads(line)
    runs = [train(one, document["batches"], document["settings"]) for one in document["parameters"]]
    print(json.dumps([sum(losses) / len(losses) for losses in zip(*runs)]), flush=True)
