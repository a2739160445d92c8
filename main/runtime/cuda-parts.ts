import type { Wheel } from './sources'

// CUDA for TensorFlow's GPU build on Linux: the packages that its `and-cuda` extra names, each in the oldest version
// that the extra allows. The wheel was built with these (CUDA 12.5.1, cuDNN 9.3); later ones of CUDA 12 are half as
// large again.

const PLATFORM = 'manylinux2014_x86_64'

function part(
  name: string,
  version: string,
  sha256: string,
  bytes: number,
  unpackedBytes: number,
  tags = PLATFORM,
): Wheel {
  const file = `nvidia_${name}_cu12-${version}-py3-none-${tags}.whl`
  return {
    package: `nvidia-${name.replace('_', '-')}-cu12`,
    version,
    tag: PLATFORM,
    file,
    bytes,
    unpackedBytes,
    sha256,
  }
}

export const CUDA_PARTS: readonly Wheel[] = [
  part(
    'cublas',
    '12.5.3.2',
    'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
    363_313_169,
    551_706_504,
  ),
  part(
    'cuda_cupti',
    '12.5.82',
    'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
    13_811_507,
    43_952_208,
  ),
  part(
    'cuda_nvcc',
    '12.5.82',
    'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0',
    22_468_537,
    31_408_356,
  ),
  part(
    'cuda_nvrtc',
    '12.5.82',
    '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
    24_873_108,
    68_243_664,
  ),
  part(
    'cuda_runtime',
    '12.5.82',
    '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
    895_707,
    712_032,
  ),
  part(
    'cudnn',
    '9.3.0.75',
    '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
    577_163_502,
    885_338_960,
  ),
  part(
    'cufft',
    '11.2.3.61',
    '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
    192_524_114,
    278_929_256,
  ),
  part(
    'curand',
    '10.3.6.82',
    '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536',
    56_309_107,
    96_529_840,
  ),
  part(
    'cusolver',
    '11.6.3.83',
    '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
    130_341_232,
    127_953_480,
  ),
  part(
    'cusparse',
    '12.5.1.3',
    '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
    217_558_979,
    295_715_544,
  ),
  part(
    'nccl',
    '2.27.7',
    'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
    322_546_339,
    430_126_192,
    `${PLATFORM}.manylinux_2_17_x86_64`,
  ),
  part(
    'nvjitlink',
    '12.5.82',
    'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
    21_298_879,
    54_560_656,
  ),
]
