"""Opens exports in real frameworks: each line of standard input is a case; prints the outputs, or what went wrong."""

import json
import os
import sys
import traceback

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'

import keras
import numpy
import onnx
import onnxruntime
import tensorflow
from safetensors.numpy import load_file


def open_keras(case, inputs):
    network = keras.saving.load_model(case['path'])
    return numpy.asarray(network(inputs))


def open_savedmodel(case, inputs):
    signature = tensorflow.saved_model.load(case['path']).signatures['serving_default']
    return next(iter(signature(input=tensorflow.constant(inputs)).values())).numpy()


def open_onnx(case, inputs):
    onnx.checker.check_model(case['path'], full_check=True)
    session = onnxruntime.InferenceSession(case['path'], providers=['CPUExecutionProvider'])
    outputs, = session.run(None, {'input': inputs})
    return outputs


def open_npz(case, _inputs):
    arrays = numpy.load(case['path'])
    return numpy.concatenate([numpy.zeros(0), *(arrays[name].ravel() for name in case['names'])])


def open_pytorch(case, _inputs):
    arrays = load_file(case['path'] + '/model.safetensors')
    return numpy.concatenate([numpy.zeros(0), *(arrays[name].ravel() for name in case['names'])])


for line in sys.stdin:
    case = json.loads(line)
    if case['layers']:
        sys.path.insert(0, case['layers'])
        import residual_lab_layers  # noqa: F401
    try:
        outputs = globals()['open_' + case['format']](case, numpy.array(case['inputs'], dtype='float32'))
        print(json.dumps({'outputs': outputs.ravel().tolist()}), flush=True)
    except Exception:
        print(json.dumps({'problem': traceback.format_exc(limit=-3)}), flush=True)
