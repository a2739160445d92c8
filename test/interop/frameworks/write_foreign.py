"""Networks of somebody's own, with names of their own: writes their weights and what they compute into a folder."""

import json
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'

import keras
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

folder = sys.argv[1]
random = numpy.random.default_rng(5)


def block(h):
    x = keras.layers.BatchNormalization(epsilon=1e-5)(h)
    x = keras.layers.ReLU()(x)
    x = keras.layers.Dense(12)(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.Dense(12)(x)
    return keras.layers.Add()([h, x])


inputs = keras.Input((40,))
h = keras.layers.Dense(12)(inputs)
for _ in range(3):
    h = block(h)
model = keras.Model(inputs, keras.layers.Dense(10)(h))
for layer in model.layers:
    own = [random.normal(0, 0.3, one.shape) for one in layer.get_weights()]
    if isinstance(layer, keras.layers.BatchNormalization):
        own[0], own[3] = 1 + own[0], 0.5 + numpy.abs(own[3])
    layer.set_weights(own)

x = random.normal(0, 1, (4, 40)).astype('float32')
outputs = numpy.asarray(model(x))
model.save(f'{folder}/mine.keras')
model.save(f'{folder}/mine.h5')
model.save_weights(f'{folder}/mine.weights.h5')

# The same in ONNX: products with their sums, and Gemm with transposed weights, in turn.
nodes, initializers = [], []


def add(op, given, arrays=(), **attributes):
    names = []
    for values in arrays:
        names.append(f'onnx::{op}_{len(initializers)}')
        initializers.append(numpy_helper.from_array(numpy.ascontiguousarray(values, dtype='float32'), names[-1]))
    name = f'v{len(nodes)}'
    nodes.append(helper.make_node(op, [*given, *names], [name], **attributes))
    return name


def dense(layer, h, transposed):
    kernel, bias = layer.get_weights()
    if transposed:
        return add('Gemm', [h], [kernel.T, bias], transB=1)
    return add('Add', [add('MatMul', [h], [kernel])], [bias])


layers = [one for one in model.layers if one.get_weights()]
h = dense(layers[0], 'x', True)
for i in range(3):
    norm, first, second = layers[1 + 3 * i:4 + 3 * i]
    y = add('BatchNormalization', [h], norm.get_weights(), epsilon=1e-5)
    y = dense(first, add('Relu', [y]), i % 2 == 0)
    y = dense(second, add('Relu', [y]), i % 2 == 1)
    h = add('Add', [h, y])
last = dense(layers[-1], h, True)
graph = helper.make_graph(
    nodes,
    'mine',
    [helper.make_tensor_value_info('x', TensorProto.FLOAT, [None, 40])],
    [helper.make_tensor_value_info(last, TensorProto.FLOAT, [None, 10])],
    initializers,
)
made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
onnx.checker.check_model(made, full_check=True)
onnx.save(made, f'{folder}/mine.onnx')
onnx.save_model(
    onnx.load(f'{folder}/mine.onnx'), f'{folder}/apart.onnx', save_as_external_data=True, size_threshold=0
)

# What PyTorch left, as its users save it.
for name in sys.argv[2:]:
    save_file(dict(numpy.load(f'{folder}/{name}.npz')), f'{folder}/{name}.safetensors')

print(json.dumps({'inputs': x.ravel().tolist(), 'outputs': outputs.ravel().tolist()}))
