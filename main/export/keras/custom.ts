import { KERAS_LAYER_CLASSES } from '../../../shared/export/keras/layer-classes'

/** Beside a file of Keras whose network has layers that Keras lacks. */
export const KERAS_LAYERS_FILE = 'residual_lab_layers.py'

const HEADING = `"""Layers that Keras does not have: import this file, then open the network.

Written by Residual Lab.
"""

import keras
from keras import ops`

/** The layers that Keras lacks, registered: to be imported before a file with them is opened. */
export const KERAS_LAYERS = `${[HEADING, ...Object.values(KERAS_LAYER_CLASSES)].join('\n\n\n')}\n`
