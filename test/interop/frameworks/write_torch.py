"""Runs networks in PyTorch: each line of standard input has code, inputs and where its state_dict goes; prints outputs."""

import json
import sys

import numpy
import torch

for line in sys.stdin:
    case = json.loads(line)
    scope = {'__file__': case['npz'], '__name__': 'mine'}
    exec(case['code'], scope)
    torch.manual_seed(3)
    network = scope['Network']().eval()
    for one in network.modules():
        if isinstance(one, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            one.running_mean.normal_()
            one.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(one.weight)
            torch.nn.init.normal_(one.bias)
    numpy.savez(case['npz'], **{name: values.numpy() for name, values in network.state_dict().items()})
    with torch.no_grad():
        outputs = network(torch.tensor(case['inputs']).reshape(case['shape']))
    print(json.dumps(outputs.flatten().tolist()), flush=True)
