/** Does `task`, which must be synchronous, when this process ends; returns what to call once that is not needed. */
export function atEnd(task: () => void): () => void
