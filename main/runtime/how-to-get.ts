import { ownCommand } from '../files/program'
import { OFFICIAL, WHEELS } from './sources'

/** The sentence on how TensorFlow's library is got; empty on a platform that it is not published for. */
export const howToGetLibrary = (here = `${process.platform}-${process.arch}`): string =>
  here in OFFICIAL || `${here}-cpu` in WHEELS ? `${ownCommand('runtime install')} gets TensorFlow.` : ''
