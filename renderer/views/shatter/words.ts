/** The view's two halves. */
export const MODES = [
  {
    value: 'gradients',
    label: 'gradients',
    definition: 'y(x) and dy/dx along a line, how far dy/dx stays like itself, how alike gradients are.',
  },
  {
    value: 'regions',
    label: 'linear regions',
    definition: 'Where activation patterns change, along the line and in a plane: plain against residual.',
  },
] as const

export const CENTRING = [
  { value: 'on', label: 'on', definition: 'Each ReLU’s input less its mean over the line, per unit.' },
  { value: 'off', label: 'off', definition: 'The blocks as they are drawn.' },
] as const

/** After how many updates trained networks are looked at. */
export const STEPS = [
  { value: 'last', label: 'last', definition: 'The networks that the run keeps.' },
  {
    value: '0,last',
    label: '0 and last',
    definition: 'Before the first update, drawn again from the run’s seed, and those that the run keeps.',
  },
  {
    value: 'list',
    label: 'list',
    definition:
      'Any of the run’s steps, below. They are trained again from its seed, exactly as the run was.',
  },
] as const

export const LEARNED_PAGES = [
  {
    value: 'steps',
    label: 'over steps',
    definition: 'The gradient correlation at the steps that are looked at.',
  },
  { value: 'table', label: 'table', definition: 'Gradient correlation, training loss and training error.' },
  { value: 'lags', label: 'lags', definition: 'The autocorrelation of dy/dx at some lags.' },
] as const

export const UP_TO = [
  { value: 'one', label: 'block k', definition: 'Patterns of the ReLUs of block k by themselves.' },
  {
    value: 'all',
    label: '1 to k',
    definition: 'Patterns of all blocks up to k: the linear regions themselves.',
  },
] as const

export const UNITS = [
  { value: '2', label: '2', definition: 'The first two ReLUs of a block: few, large pieces.' },
  { value: '4', label: '4', definition: 'The first four ReLUs of a block.' },
  { value: '8', label: '8', definition: 'The first eight ReLUs of a block.' },
  { value: 'all', label: 'all', definition: 'All ReLUs of a block.' },
] as const

export const REACHES = [
  { value: '2', label: '±2', definition: 'The square from −2 to 2.' },
  { value: '0.5', label: '±0.5', definition: 'Its middle, 4 times as large.' },
  { value: '0.1', label: '±0.1', definition: 'Its middle, 20 times as large.' },
] as const

export const SIZES = [
  { value: '160', label: '160²', definition: 'Points of the picture: quick.' },
  { value: '280', label: '280²', definition: 'Three times as many.' },
  { value: '400', label: '400²', definition: 'Six times as many: sharp, slow.' },
] as const
