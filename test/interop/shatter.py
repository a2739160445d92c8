"""Gradients of trained networks in PyTorch, in float64 and in evaluation.

Standard input: one JSON document a line: a network as lesion.py takes it, from, to: two test samples, points. Standard
output a line: {correlation: of gradients between the first 64 test samples, slope: dy/dt by autograd at points of the
line from one sample to the other, y the logit of the first one's class, acf: its autocorrelation, loss: of the training
samples}.
"""

import json
import sys

import torch
import torch.nn.functional as F

from lesion import correlation, network_of, run


def autocorrelation(values, last):
    d = values - values.mean()
    return [((d[: len(d) - lag] * d[lag:]).sum() / (d * d).sum()).item() for lag in range(last + 1)]


if __name__ == "__main__":
    for line in sys.stdin:
        document = json.loads(line)
        stem, blocks, output = network_of(document, range(1, len(document["blocks"]) + 1))
        network = (stem.double(), [block.double() for block in blocks], output.double())
        test, training = (document["samples"][part] for part in ("test", "training"))
        x = torch.tensor(test["x"], dtype=torch.float64)
        a, b = x[document["from"]], x[document["to"]]
        t = torch.linspace(0, 1, document["points"], dtype=torch.float64).requires_grad_()
        y = run(network, a + t[:, None] * (b - a))[:, test["y"][document["from"]]]
        (slope,) = torch.autograd.grad(y.sum(), t)
        with torch.no_grad():
            logits = run(network, torch.tensor(training["x"], dtype=torch.float64))
            loss = F.cross_entropy(logits, torch.tensor(training["y"])).item()
        found = {
            "correlation": correlation(network, x[:64]),
            "slope": slope.tolist(),
            "acf": autocorrelation(slope, document["points"] // 2),
            "loss": loss,
        }
        print(json.dumps(found))
