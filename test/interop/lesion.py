"""Deletes or exchanges blocks of trained networks in PyTorch, in evaluation, and prints what is left of them.

Standard input: one JSON document a line, {blocks: [[{weight, bias, mean, variance, gamma, beta} …] a block, each
normalised, rectified and multiplied in turn], stem, output: {weight, bias}, order (blocks from 1), running, samples:
{training, test: {x, y}}}; weights are [inputs, outputs]. Without `running`, each norm's statistics are taken over the
training samples as they go through the changed network. Standard output a line: {correlation, training, test: {loss,
error, logits}}, `correlation` that of gradients between the first 64 test samples.
"""

import copy
import json
import sys

import torch
import torch.nn.functional as F


def tensor(values):
    return torch.tensor(values, dtype=torch.float32)


def linear(document):
    weight = tensor(document["weight"])
    layer = torch.nn.Linear(*weight.shape)
    layer.weight.data = weight.T.contiguous()
    layer.bias.data = tensor(document["bias"]).reshape(-1) if document["bias"] else torch.zeros(weight.shape[1])
    return layer


class Branch(torch.nn.Module):
    def __init__(self, stages):
        super().__init__()
        self.norms, self.layers = torch.nn.ModuleList(), torch.nn.ModuleList()
        for stage in stages:
            norm = torch.nn.BatchNorm1d(len(stage["mean"]), eps=1e-5)
            norm.running_mean.copy_(tensor(stage["mean"]))
            norm.running_var.copy_(tensor(stage["variance"]))
            norm.weight.data.copy_(tensor(stage["gamma"]))
            norm.bias.data.copy_(tensor(stage["beta"]))
            self.norms.append(norm)
            self.layers.append(linear(stage))

    def forward(self, h):
        branch = h
        for norm, layer in zip(self.norms, self.layers):
            branch = layer(F.relu(norm(branch)))
        return h + branch


def run(network, x):
    stem, blocks, output = network
    h = stem(x)
    for block in blocks:
        h = block(h)
    return output(h)


def take_statistics(network, x):
    """Every norm's, layer by layer, over all of x: its population mean and variance."""
    h = network[0](x)
    for block in network[1]:
        branch = h
        for norm, layer in zip(block.norms, block.layers):
            norm.running_mean.copy_(branch.mean(0))
            norm.running_var.copy_(branch.var(0, unbiased=False))
            branch = layer(F.relu(norm(branch)))
        h = h + branch


def network_of(document, order):
    """Stem, blocks in this order and output, in evaluation."""
    blocks = [Branch(stages) for stages in document["blocks"]]
    # A block that runs twice meets two streams: each place has norms of its own.
    changed = [copy.deepcopy(blocks[k - 1]) for k in order]
    network = (linear(document["stem"]), changed, linear(document["output"]))
    for module in [network[0], *changed, network[2]]:
        module.eval()
    return network


def correlation(network, x):
    """The gradient correlation: Jacobians of all outputs at h_0, over pairs of different samples."""
    stem, blocks, output = network
    h0 = stem(x).detach().requires_grad_()
    h = h0
    for block in blocks:
        h = block(h)
    logits = output(h)
    rows = [torch.autograd.grad(logits[:, c].sum(), h0, retain_graph=True)[0] for c in range(logits.shape[1])]
    jacobians = torch.cat(rows, 1)
    inner = jacobians @ jacobians.T
    own = inner.diagonal().mean()
    n = len(x)
    return ((inner.sum() - inner.diagonal().sum()) / (n * (n - 1)) / own).item()


if __name__ == "__main__":
    for line in sys.stdin:
        document = json.loads(line)
        network = network_of(document, document["order"])
        found = {"correlation": correlation(network, tensor(document["samples"]["test"]["x"])[:64])}
        with torch.no_grad():
            if not document["running"]:
                take_statistics(network, tensor(document["samples"]["training"]["x"]))
            for part, samples in document["samples"].items():
                logits, y = run(network, tensor(samples["x"])), torch.tensor(samples["y"])
                found[part] = {
                    "loss": F.cross_entropy(logits, y).item(),
                    "error": (logits.argmax(1) != y).float().mean().item(),
                    "logits": logits.flatten().tolist()[:50],
                }
        print(json.dumps(found))
