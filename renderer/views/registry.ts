import type { Component } from 'svelte'
import type { SectionKey } from '../../shared/settings/experiment'
import { TABS, type TabId } from '../../shared/protocol/tabs'
import { withTwin } from './lesion/twin'
import { showPaths } from './paths/show-run'
import type { Lab, LabView } from '../state/lab.svelte'
import { DataDesk } from '../state/data-desk.svelte'
import { DepthRun } from '../state/depth-run.svelte'
import { LesionRun } from '../state/lesion-run.svelte'
import { experimentOfLesions } from '../state/lesion-asked'
import { OrderState } from '../state/order-state.svelte'
import { PathsState } from '../state/paths-state.svelte'
import { RunsDesk } from '../state/runs-desk.svelte'
import { ShatterRun } from '../state/shatter-run.svelte'
import { SweepRun } from '../state/sweep-run.svelte'
import { TrainRun } from '../state/train-run.svelte'
import { EDIT_KEYS } from './block/edit-keys'
import BlockView from './block/BlockView.svelte'
import DataView from './data/DataView.svelte'
import DepthView from './depth/DepthView.svelte'
import LesionView from './lesion/LesionView.svelte'
import NetworkView from './network/NetworkView.svelte'
import OrderView from './order/OrderView.svelte'
import PathsView from './paths/PathsView.svelte'
import RunsView from './runs/RunsView.svelte'
import ShatterView from './shatter/ShatterView.svelte'
import SignalView from './signal/SignalView.svelte'
import SweepView from './sweep/SweepView.svelte'
import TrainView from './train/TrainView.svelte'

/** One view of the experiment: what the keys, their help and the app know of it beyond its tab. */
export interface View extends LabView {
  component: Component<{ lab: Lab }>
  /** The part of an experiment's file that the view edits, where it has one of its own. */
  section?: SectionKey
  /** Keys of its own, as the help lists them. */
  keys?: { title: string; list: readonly { keys: string; what: string }[] }
}

/** The one registry of views: a view is added here, and what its tab says in shared/protocol/tabs.ts. */
export const VIEWS: Readonly<Record<TabId, View>> = {
  signal: {
    component: SignalView,
    runs: {
      kinds: ['signal'],
      show: (lab, document) => lab.run.show(document),
    },
    control: (lab) => ({
      play: () => lab.signal.play(),
      pause: () => {
        const isActive = lab.run.status === 'measuring'
        if (isActive) lab.run.pause()
        return isActive
      },
      step: () => lab.signal.step(),
      stop: () => lab.run.stop(),
    }),
  },
  block: {
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
    component: NetworkView,
    section: 'network',
    control: (lab) => ({ play: () => lab.showMeasured(), stop: () => lab.run.stop() }),
  },
  order: {
    component: OrderView,
    section: 'order',
    state: OrderState,
    runs: {
      kinds: ['order'],
      show: (lab, document) => lab.stateOf(OrderState).show(document),
    },
    control: (lab) => {
      const orders = lab.stateOf(OrderState)
      return { play: () => orders.play(lab.experiment.document), stop: () => orders.stop() }
    },
  },
  paths: {
    component: PathsView,
    section: 'paths',
    state: PathsState,
    runs: {
      kinds: ['paths'],
      show: (lab, document) => showPaths(lab, document),
    },
  },
  shatter: {
    component: ShatterView,
    section: 'shatter',
    state: ShatterRun,
    runs: {
      kinds: ['shatter', 'regions'],
      show: (lab, document) => {
        lab.view.set('shatterRun', null)
        lab.stateOf(ShatterRun).show(document)
      },
    },
  },
  train: {
    component: TrainView,
    state: TrainRun,
    runs: {
      kinds: ['train'],
      show: (lab, document) => lab.stateOf(TrainRun).show(document),
      resume: (lab, { id }) => void lab.stateOf(TrainRun).start(lab.experiment.document, { resume: id }),
    },
    control: (lab) => {
      const training = lab.stateOf(TrainRun)
      const { document } = lab.experiment
      return {
        play: () => {
          if (training.status === 'paused') training.goOn()
          else if (!training.isRunning) void training.start(document)
        },
        pause: () => {
          const isActive = training.status === 'training'
          if (isActive) training.pause()
          return isActive
        },
        step: () => {
          if (training.isRunning) training.step1()
          else void training.start(document, { isStepped: true })
        },
        stop: () => training.stop(),
      }
    },
  },
  depth: {
    component: DepthView,
    section: 'depth',
    state: DepthRun,
    runs: {
      kinds: ['depth'],
      show: (lab, document) => lab.stateOf(DepthRun).show(document),
      resume: (lab, { id }) => void lab.stateOf(DepthRun).start(lab.experiment.document, id),
    },
    control: (lab) => {
      const depths = lab.stateOf(DepthRun)
      return { play: () => void depths.start(lab.experiment.document), stop: () => depths.stop() }
    },
  },
  lesion: {
    component: LesionView,
    section: 'lesion',
    state: LesionRun,
    runs: {
      kinds: ['lesion'],
      experimentOf: experimentOfLesions,
      show: async (lab, document) => lab.stateOf(LesionRun).show(await withTwin(lab, document)),
    },
    control: (lab) => {
      const lesions = lab.stateOf(LesionRun)
      return { play: () => void lesions.start(lab.experiment.document), stop: () => lesions.stop() }
    },
  },
  runs: {
    component: RunsView,
    state: RunsDesk,
  },
  sweep: {
    component: SweepView,
    section: 'sweep',
    state: SweepRun,
  },
  data: {
    component: DataView,
    state: DataDesk,
  },
}

/** In the order of their tabs. */
export const VIEWS_IN_ORDER = TABS.map((tab) => ({ ...tab, ...VIEWS[tab.id] }))
