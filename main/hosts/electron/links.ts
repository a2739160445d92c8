import { app } from 'electron'
import { LONGEST_LINK, isLink } from '../../../shared/block/link'

/** As registered by electron-builder.yml. */
const SCHEME = 'residual-lab'

/** The link that a command line names, if any. What is in it only the page reads, and asks before it is used. */
export function linkInArguments(argv: readonly string[]): string | null {
  const link = argv.slice(1).find(isLink)
  return link && link.length <= LONGEST_LINK ? link : null
}

/** Command lines without links: one that ends in ".json" is no file. */
export const withoutLinks = (argv: readonly string[]) => argv.filter((argument) => !isLink(argument))

/** Links of the system come to this program, once it is installed; on a Mac as an event, elsewhere as an argument. */
export function setupLinks(onLink: (link: string) => void) {
  if (app.isPackaged) app.setAsDefaultProtocolClient(SCHEME)
  app.on('open-url', (event, url) => {
    event.preventDefault()
    const link = linkInArguments(['', url])
    if (link) onLink(link)
  })
}
