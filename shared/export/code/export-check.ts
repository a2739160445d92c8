import type { Shape } from '../../numerics/shape'
import { sampleAxes } from '../layout'
import type { ExportedNetwork } from '../network'

/** The proof has channels before positions; the code has them last. */
function channelsLast(array: string, shape: Shape, axes: 0 | 1 | 2): string {
  if (axes === 0) return array
  const first = sampleAxes(shape, axes, 'channels first').join(', ')
  return `${array}.reshape(-1, ${first}).${axes === 1 ? 'swapaxes(1, 2)' : 'transpose(0, 2, 3, 1)'}`
}

/**
 * Python that compares the network with the export at `path`, a zip file with proof.json.
 * @param given whether there is one @param computed the network's outputs of `inputs`, as an array of NumPy
 */
export function exportCheck(
  { input, top, axes, outputs }: ExportedNetwork,
  given: string,
  computed: string,
): string[] {
  const expected = "numpy.array(check['outputs'], 'float32')"
  const inputs = "numpy.array(check['inputs'], 'float32')"
  return [
    `if ${given}:  # an export: it computes what the lab does`,
    "    proof = json.loads(zipfile.ZipFile(path).read('proof.json'))",
    "    check = proof['check']",
    `    inputs = ${channelsLast(inputs, input, axes)}`,
    `    expected = ${outputs === null ? channelsLast(expected, top, axes) : expected}`,
    `    outputs = ${computed}`,
    '    difference = abs(outputs - expected).max() / (abs(expected).max() or 1)',
    "    print(f'largest difference to what the lab computes, relative to the largest output: {difference:.1e}')",
    "    assert difference < max(1e-5, 2 * proof['relativeDifference'])  # weights may be in half precision",
  ]
}
