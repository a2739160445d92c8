"""
Runs code as it is: each line of standard input is a case. With `shape`, prints q_0..q_L of networks at initialisation;
with `arrays`, the outputs of the network that `load` makes of them, or of those beside the code where they are null; or
what went wrong.
"""

import importlib.util
import json
import os
import sys
import traceback

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'

import jax
import keras
import numpy


def module_of(case):
    spec = importlib.util.spec_from_file_location(case['name'], case['file'])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keras_squares(module, x, _seed):
    network = module.Network()
    streams = []
    h = network.stem(x) if hasattr(network, 'stem') else x
    for block in [None, *network.blocks]:
        h = h if block is None else block(h, **training_of(block))
        streams.append(float(keras.ops.mean(h**2)))
    return streams


def training_of(block):
    return {'training': True} if 'training' in block.call.__code__.co_varnames else {}


def keras_outputs(module, path, x):
    network = module.load(path) if path else module.load()
    return keras.ops.convert_to_numpy(network(x))


def jax_squares(module, x, seed):
    streams = []

    def watched(block):
        def run(p, h, *modes):
            streams.append(h)
            return block(p, h, *modes)
        return run

    blocks = module.BLOCKS
    module.BLOCKS = [(init, watched(block)) for init, block in blocks]
    modes = [('mode', 'train'), ('key', jax.random.key(seed))]
    taken = module.apply.__code__.co_varnames
    streams.append(module.apply(module.init(jax.random.key(seed)), x, **{k: v for k, v in modes if k in taken}))
    module.BLOCKS = blocks
    return [float((h**2).mean()) for h in streams]


def jax_outputs(module, path, x):
    return numpy.asarray(module.apply(module.load(path), x))


keras.utils.set_random_seed(1)
random = numpy.random.default_rng(1)
for line in sys.stdin:
    case = json.loads(line)
    of = case['framework']
    try:
        module = module_of(case)
        if 'shape' in case:
            found = [
                globals()[f'{of}_squares'](module, random.standard_normal(case['shape'], 'float32'), seed)
                for seed in range(case['networks'])
            ]
        else:
            inputs = numpy.array(case['inputs'], 'float32').reshape(case['dims'])
            found = globals()[f'{of}_outputs'](module, case['arrays'], inputs).ravel().tolist()
        print(json.dumps({'found': found}), flush=True)
    except Exception:
        print(json.dumps({'problem': traceback.format_exc(limit=-4)}), flush=True)
