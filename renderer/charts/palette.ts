import { DARK_COLOURS, LIGHT_COLOURS, type Palette } from '../../shared/charts/palette'
import { PAGE_TYPE } from './type'

/** What charts of the page are drawn with, by day and by night. */
export const LIGHT: Palette = { ...LIGHT_COLOURS, type: PAGE_TYPE }
export const DARK: Palette = { ...DARK_COLOURS, type: PAGE_TYPE }
