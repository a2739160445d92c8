/**
 * Within this many milliseconds hostile input is refused, on a machine that is busy with other work too: it takes
 * milliseconds where the time grows with the length, and minutes where it grows with its square.
 */
export const AT_ONCE_MS = 2000
