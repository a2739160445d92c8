"""Trains ResNet-20 on Fashion-MNIST in PyTorch, as figures.mjs has it: the reference of the figure on images.

    npx residual-lab code --framework pytorch --network resnet20-cifar --data fashion-mnist --input data-grid --head \
        > model.py
    python3 bench/reproduce/resnet20.py model.py SEED FOLDER-WITH-THE-IDX-FILES

Prints the errors in percent on the first 1,000 training samples and the first 2,000 of the test, with PyTorch's
running statistics.
"""

import gzip
import importlib.util
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

BATCH, EPOCHS, RATE, MOMENTUM, DECAY = 128, 2, 0.1, 0.9, 1e-4


def read(path, start):
    raw = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + '.gz').read_bytes())
    return numpy.frombuffer(raw, dtype=numpy.uint8, offset=start)


def part(folder, name):
    x = read(folder / f'{name}-images-idx3-ubyte', 16).reshape(-1, 784).astype('float32')
    return torch.tensor(x), torch.tensor(read(folder / f'{name}-labels-idx1-ubyte', 8).astype('int64'))


def error(network, x, y):
    network.eval()
    with torch.no_grad():
        wrong = sum(int((network(x[i:i + 500]).argmax(1) != y[i:i + 500]).sum()) for i in range(0, len(y), 500))
    network.train()
    return 100 * wrong / len(y)


model, seed, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
spec = importlib.util.spec_from_file_location('model', model)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
torch.manual_seed(seed)
(x, y), (x_test, y_test) = part(folder, 'train'), part(folder, 't10k')
mean, deviation = x.mean(), x.std(unbiased=False)
x, x_test = (x - mean) / deviation, (x_test - mean) / deviation
network = module.Network().train()
optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
each = len(y) // BATCH
steps = each * EPOCHS
for step in range(steps):
    if step % each == 0:
        order = torch.randperm(len(y))
    rate = RATE * 0.1 ** sum(step >= round(share * steps) for share in (0.5, 0.75))
    optimizer.param_groups[0]['lr'] = rate
    batch = order[(step % each) * BATCH:(step % each + 1) * BATCH]
    loss = nn.functional.cross_entropy(network(x[batch]), y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, float(loss), file=sys.stderr, flush=True)
print(f'train {error(network, x[:1000], y[:1000]):.1f} %, test {error(network, x_test[:2000], y_test[:2000]):.2f} %')
