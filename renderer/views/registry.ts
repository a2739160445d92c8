import type { Component } from 'svelte'
import type { SectionKey } from '../../shared/settings/experiment'
import type { Lab, LabView } from '../state/lab.svelte'
import { LesionRun } from '../state/lesion-run.svelte'
import { OrderState } from '../state/order-state.svelte'
import { PathsState } from '../state/paths-state.svelte'
import { ShatterRun } from '../state/shatter-run.svelte'
import { TAB_IDS, type TabId } from '../state/tabs'
import { EDIT_KEYS } from './block/edit-keys'
import BlockView from './block/BlockView.svelte'
import LesionView from './lesion/LesionView.svelte'
import NetworkView from './network/NetworkView.svelte'
import OrderView from './order/OrderView.svelte'
import PathsView from './paths/PathsView.svelte'
import ShatterView from './shatter/ShatterView.svelte'
import SignalView from './signal/SignalView.svelte'

/** One view of the experiment: all that the tabs, the keys, their help and the app know of it. */
export interface View extends LabView {
  /** On its tab. */
  title: string
  /** On hover and focus of the tab. */
  definition: string
  component: Component<{ lab: Lab }>
  /** The part of an experiment's file that the view edits, where it has one of its own. */
  section?: SectionKey
  /** Keys of its own, as the help lists them. */
  keys?: { title: string; list: readonly { keys: string; what: string }[] }
}

/** The one registry of views: a view is added here, and its id in state/tabs.ts. */
export const VIEWS: Readonly<Record<TabId, View>> = {
  signal: {
    title: 'Signal',
    definition: 'How activations and gradients travel through the network, block by block.',
    component: SignalView,
    control: (lab) => ({
      play: () => lab.play(),
      pause: () => {
        const isActive = lab.run.status === 'measuring' || lab.run.status === 'training'
        if (isActive) lab.run.pause()
        return isActive
      },
      stop: () => lab.run.stop(),
    }),
  },
  block: {
    title: 'Block',
    definition: 'Draw the residual block: as a graph, an outline or text, with theory while you edit.',
    component: BlockView,
    section: 'draft',
    keys: {
      title: 'On the Block tab’s canvas and in its outline',
      list: [
        ...EDIT_KEYS.filter(({ what }) => what !== ''),
        {
          keys: 'Arrows',
          what: 'Along the wires, up and down; with Shift they select, with Ctrl they move what is selected',
        },
        { keys: 'F', what: 'All of the block in view' },
      ],
    },
  },
  network: {
    title: 'Network',
    definition: 'Stem, stages and head: how many blocks of which width, and where the grid is halved.',
    component: NetworkView,
    section: 'network',
    control: (lab) => ({ play: () => lab.showMeasured(), stop: () => lab.run.stop() }),
  },
  order: {
    title: 'Order',
    definition:
      'Orderings of the block side by side and ranked: which keeps the signal’s size, which learns.',
    component: OrderView,
    section: 'order',
    state: OrderState,
    control: (lab) => {
      const orders = lab.stateOf(OrderState)
      return { play: () => orders.play(lab.experiment.document), stop: () => orders.stop() }
    },
  },
  paths: {
    title: 'Paths',
    definition:
      'The unravelled network: every path from input to output, and what each adds to the derivative.',
    component: PathsView,
    section: 'paths',
    state: PathsState,
  },
  shatter: {
    title: 'Shatter',
    definition:
      'How dy/dx changes along a line of inputs: shattered gradients, and the regions where a network is linear.',
    component: ShatterView,
    section: 'shatter',
    state: ShatterRun,
  },
  lesion: {
    title: 'Lesions',
    definition: 'What a network loses when blocks are deleted, doubled or exchanged: residual next to plain.',
    component: LesionView,
    section: 'lesion',
    state: LesionRun,
    control: (lab) => {
      const lesions = lab.stateOf(LesionRun)
      return { play: () => void lesions.start(lab.experiment.document), stop: () => lesions.stop() }
    },
  },
}

/** In the order of their tabs. */
export const VIEWS_IN_ORDER = TAB_IDS.map((id) => ({ id, ...VIEWS[id] }))
