import { shapeText } from '../../numerics/shape'
import { docstring, wrapped } from '../names'
import type { ExportedNetwork, ExportedPart } from '../network'
import { torchClasses, type TorchClass } from './block-class'
import { HELPERS, type HelperName } from './helpers'
import type { TorchStyle } from './layers'
import { python, torchLayer } from './layers'
import { isSingle } from './state'

/** The file beside the code. */
export const TORCH_WEIGHTS = 'model.safetensors'

/** Of a line of prose. */
const MOST_LETTERS = 88

/** Helpers that helpers call. */
const USES: Partial<Record<HelperName, HelperName[]>> = {
  he: ['normal'],
  lecun: ['normal'],
  glorot: ['normal'],
}

/** Who draws weights, by the experiment's initialisation. */
const DRAWN: Record<ExportedNetwork['experiment']['init'], HelperName> = {
  he: 'he',
  lecun: 'lecun',
  glorot: 'glorot',
  pytorch: 'uniform',
}

/**
 * A network in PyTorch, as the text of a module: a class for each kind of block, `Network`, which draws its weights as
 * the experiment says, and `load()`, which reads those of the export that it is part of.
 */
export function torchCode(network: ExportedNetwork): string {
  const { experiment, axes } = network
  const inner = style(axes, DRAWN[experiment.init], experiment.gain)
  const outer = style(axes, 'he', 1)
  const blocks = torchClasses(network.blocks, inner, (i, count) => (count === 1 ? 'Block' : `Block${i + 1}`))
  const around = (part: ExportedPart | null, name: string) =>
    part && !isSingle(part) ? torchClasses([part], outer, () => name) : []
  const [stem, head] = [around(network.stem, 'Stem'), around(network.head, 'Head')]
  const classes = [...stem, ...blocks, ...head]
  const body = networkClass(network, classes, outer)
  const used = new Set(classes.flatMap(({ helpers }) => [...helpers]))
  const text = [...classes.map((one) => one.text), body].join('\n\n\n')
  for (const name of ['he', DRAWN[experiment.init]] as const)
    if (new RegExp(`\\b${name}\\(`).test(text)) [name, ...(USES[name] ?? [])].forEach((one) => used.add(one))
  const helpers = (Object.keys(HELPERS) as HelperName[]).filter((name) => used.has(name))
  const code = [...helpers.map((name) => HELPERS[name]), text, LOADING, TEST]
  const needsMath = code.some((part) => part.includes('math.'))
  return `${[preamble(network, needsMath), ...code].join('\n\n\n')}\n`
}

function style(axes: 0 | 1 | 2, draws: HelperName, gain: number): Omit<TorchStyle, 'slot'> {
  return {
    axes,
    draw(module, own) {
      const factor = own * gain
      return factor === 1 ? `${draws}(${module})` : `${draws}(${module}, ${python(factor)})`
    },
  }
}

function preamble(
  { title, description, input, axes, outputs, outputName, blocks, experiment }: ExportedNetwork,
  needsMath: boolean,
): string {
  const takes = axes === 0 ? `[batch, ${input.units}]` : `[batch, ${shapeOf(input, axes)}]`
  const gives =
    outputs === null ? 'h_L, what the last block puts out' : `[batch, ${outputs}], the ${outputName}`
  const count = `${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'} of width ${experiment.width}`
  return [
    `"""${docstring(title)}: ${count}.`,
    ...(description ? ['', ...wrapped(docstring(description), MOST_LETTERS)] : []),
    '',
    `Input: ${takes} (${shapeText(input).replaceAll('×', 'x')} a sample). Output: ${gives}.`,
    'Written by Residual Lab.',
    '"""',
    'import json',
    ...(needsMath ? ['import math'] : []),
    'from pathlib import Path',
    '',
    'import torch',
    'import torch.nn.functional as F',
    'from torch import nn',
  ].join('\n')
}

const shapeOf = ({ units, rows, columns }: ExportedNetwork['input'], axes: 1 | 2) =>
  axes === 1 ? `${units}, ${columns}` : `${units}, ${rows}, ${columns}`

function networkClass(
  { stem, blocks, head, top, outputs, axes, input }: ExportedNetwork,
  classes: readonly TorchClass[],
  outer: Omit<TorchStyle, 'slot'>,
): string {
  const callOf = (part: ExportedPart) =>
    classes.map(({ calls }) => calls.get(part)).find(Boolean) ??
    torchLayer(part.nodes[0], { ...outer, slot: (_kind, value) => python(value) }).module!
  const end =
    outputs === null ? [] : [`self.output = ${outer.draw(`nn.Linear(${top.units}, ${outputs})`, 1)}`]
  const made = [
    ...(stem ? [`self.stem = ${callOf(stem)}`] : []),
    'self.blocks = nn.Sequential(',
    ...runsOf(blocks.map(callOf)).map((line) => `    ${line},`),
    ')',
    ...(head ? [`self.head = ${callOf(head)}`] : []),
    ...end,
  ]
  const isSame = stem === null && axes === 0
  const forward = [
    ...(axes === 0 ? [] : [`x = x.reshape(-1, ${shapeOf(input, axes)})`]),
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
    '        super().__init__()',
    ...made.map((line) => `        ${line}`),
    '',
    '    def forward(self, x):',
    ...forward.map((line) => `        ${line}`),
  ].join('\n')
}

/** Calls in a row that are alike, as one comprehension. */
function runsOf(calls: readonly string[]): string[] {
  const runs: { call: string; count: number }[] = []
  for (const call of calls) {
    const last = runs.at(-1)
    if (last?.call === call) last.count++
    else runs.push({ call, count: 1 })
  }
  return runs.map(({ call, count }) => (count === 1 ? call : `*[${call} for _ in range(${count})]`))
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
    check = json.loads(Path(__file__).with_name('proof.json').read_text())['check']
    with torch.no_grad():
        outputs = load()(torch.tensor(check['inputs']))
    expected = torch.tensor(check['outputs'])
    difference = (outputs.reshape(expected.shape) - expected).abs().max() / expected.abs().max()
    print(f'largest difference to what the lab computes, relative to the largest output: {difference:.1e}')
    assert difference < 1e-5`
