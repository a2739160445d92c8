/**
 * All edits of a block: pure functions from draft to draft. None changes what it is given; where there is nothing to do
 * the result is the same object. What cannot be done at all is an InputError with a reason.
 */
export { addBranch, addNode, insertOnEdge, type Where } from './adding'
export { moveOnto, shift } from './chain'
export { copy, paste } from './clipboard'
export { duplicate } from './copies'
export { replaceOperation, replaceWith, setField, setText } from './fields'
export { move, place, placeAll } from './layout'
export { removeNodes } from './removing'
export { wrapInSkip } from './stretch'
export { connect, disconnect, setOutput } from './wires'
