import type { SectionKey, Sections } from './experiment'
import { parseOwnData } from './own-data'
import { parseDepthSection } from './depth'
import { parseDraftSection } from './draft'
import { parseLesionSettings } from './lesion'
import { parseOrderSection } from './order'
import { parseShatterSection } from './shatter'
import { parseSweepSection } from './sweep'
import { parsePathSettings } from './paths'
import { parseNetwork } from './network'

interface Section<K extends SectionKey> {
  key: K
  /** Whether a measurement of the signal depends on it. */
  isMeasured: boolean
  /** @throws InputError with the path of the field, what is wrong and how to mend it */
  parse(value: unknown, where: string): NonNullable<Sections[K]>
}

/** The one table of sections: it drives the file format and its validation. */
export const SECTIONS: readonly { [K in SectionKey]-?: Section<K> }[SectionKey][] = [
  { key: 'ownData', isMeasured: true, parse: parseOwnData },
  { key: 'network', isMeasured: true, parse: parseNetwork },
  { key: 'shatter', isMeasured: false, parse: parseShatterSection },
  { key: 'lesion', isMeasured: false, parse: parseLesionSettings },
  { key: 'paths', isMeasured: false, parse: parsePathSettings },
  { key: 'order', isMeasured: false, parse: parseOrderSection },
  { key: 'depth', isMeasured: false, parse: parseDepthSection },
  { key: 'sweep', isMeasured: false, parse: parseSweepSection },
  { key: 'draft', isMeasured: false, parse: parseDraftSection },
]
