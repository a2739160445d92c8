import type { CodeDialect, CodeStyle } from '../code/dialect'
import { networkText } from '../code/network-text'
import { PYTHON_CLASSES, indented, listEntries, pythonClass, pythonPreamble } from '../code/python'
import { sampleAxes } from '../layout'
import { pythonNames } from '../names'
import type { ExportedNetwork, ExportedPart } from '../network'
import { TORCH_HELPERS } from './helpers'
import { drawn, torchLayer } from './layers'

/** The file beside the code. */
export const TORCH_WEIGHTS = 'model.safetensors'

/**
 * A network in PyTorch, as the text of a module: a class for each kind of block, `Network`, which draws its weights as
 * the experiment says, and `load()`, which reads those of the export that it is part of.
 */
export const torchCode = (network: ExportedNetwork): string => networkText(network, TORCH)

const TORCH: CodeDialect = {
  helpers: TORCH_HELPERS,
  ...PYTHON_CLASSES,
  layer: torchLayer,
  part: (text) => pythonClass(text, { base: 'nn.Module', method: 'forward', names: pythonNames }),
  network: networkClass,
  preamble: (network, code) =>
    pythonPreamble(
      network,
      'channels first',
      code,
      ['from pathlib import Path'],
      ['import torch', 'import torch.nn.functional as F', 'from torch import nn'],
    ),
  ending: () => [LOADING, TEST],
}

function networkClass(
  { stem, blocks, head, top, outputs, outputFactor, axes, input }: ExportedNetwork,
  made: (part: ExportedPart) => string,
  outer: CodeStyle,
): string {
  const end =
    outputs === null
      ? []
      : [`self.output = ${drawn(`nn.Linear(${top.units}, ${outputs})`, outputFactor, outer)}`]
  const init = [
    'super().__init__()',
    ...(stem ? [`self.stem = ${made(stem)}`] : []),
    'self.blocks = nn.Sequential(',
    ...indented(listEntries(blocks.map(made)), 4),
    ')',
    ...(head ? [`self.head = ${made(head)}`] : []),
    ...end,
  ]
  const isSame = stem === null && axes === 0
  const forward = [
    ...(axes === 0 ? [] : [`x = x.reshape(-1, ${sampleAxes(input, axes, 'channels first').join(', ')})`]),
    ...(isSame ? [] : [stem ? 'h = self.stem(x)' : 'h = x']),
    isSame ? 'h = self.blocks(x)' : 'h = self.blocks(h)',
    ...(head ? ['h = self.head(h)'] : []),
    ...(outputs === null
      ? ['return h']
      : [...(axes === 0 ? [] : [`h = h.mean(${axes === 2 ? '(2, 3)' : '2'})`]), 'return self.output(h)']),
  ]
  return [
    'class Network(nn.Module):',
    `    """${blocks.length} blocks, their weights as they are drawn (seed: torch.manual_seed)."""`,
    '',
    '    def __init__(self):',
    ...indented(init, 8),
    '',
    '    def forward(self, x):',
    ...indented(forward, 8),
  ].join('\n')
}

const LOADING = `def read_safetensors(path):
    """The arrays of a safetensors file as float32, by name."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], 'little')
    kinds = {'F32': torch.float32, 'F16': torch.float16}
    arrays = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != '__metadata__':
            begin, end = entry['data_offsets']
            values = torch.frombuffer(bytearray(data[start + begin:start + end]), dtype=kinds[entry['dtype']])
            arrays[name] = values.reshape(entry['shape']).float()
    return arrays


def load(path=Path(__file__).with_name('${TORCH_WEIGHTS}')):
    """The exported network, ready to be evaluated."""
    network = Network()
    network.load_state_dict(read_safetensors(path))
    return network.eval()`

const TEST = `if __name__ == '__main__':
    proof = json.loads(Path(__file__).with_name('proof.json').read_text())
    check = proof['check']
    with torch.no_grad():
        outputs = load()(torch.tensor(check['inputs']))
    expected = torch.tensor(check['outputs'])
    difference = (outputs.reshape(expected.shape) - expected).abs().max() / (expected.abs().max() or 1)
    print(f'largest difference to what the lab computes, relative to the largest output: {difference:.1e}')
    assert difference < max(1e-5, 2 * proof['relativeDifference'])  # weights may be in half precision`
