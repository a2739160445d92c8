/** Texts in a row that are alike, with how many there are. */
export function runsOf(texts: readonly string[]): { text: string; count: number }[] {
  const runs: { text: string; count: number }[] = []
  for (const text of texts) {
    const last = runs.at(-1)
    if (last?.text === text) last.count++
    else runs.push({ text, count: 1 })
  }
  return runs
}
