/** Ends the process where its output cannot be written: quietly at a closed pipe, else with one line and code 1. */
export function endWithOutput(): void
