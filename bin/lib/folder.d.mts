/**
 * Makes a folder and those above it that are missing; fails where Node's own `mkdir` with `recursive` tries for ever.
 * @param mode of each folder that is made
 * @throws Error of the system
 */
export function makeFolder(folder: string, mode?: number): void
