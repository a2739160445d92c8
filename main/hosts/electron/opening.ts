import { app } from 'electron'
import { fileInArguments } from './files'
import { linkInArguments, setupLinks, withoutLinks } from './links'

export interface Opening {
  /** Absolute path of a file to open. */
  file(file: string): void
  link(link: string): void
  /** The program was started a second time: it shows itself. */
  again(): void
}

/** Files and links from the command line, from a second start of the program, and from the desktop of a Mac. */
export function setupOpening(opening: Opening) {
  const openAll = (argv: readonly string[], folder: string) => {
    const file = fileInArguments(withoutLinks(argv), folder)
    const link = linkInArguments(argv)
    if (file) opening.file(file)
    if (link) opening.link(link)
  }
  openAll(process.argv, process.cwd())
  setupLinks((link) => opening.link(link))
  app.on('second-instance', (_event, argv, folder) => {
    opening.again()
    openAll(argv, folder)
  })
  app.on('open-file', (event, file) => {
    event.preventDefault()
    opening.file(file)
  })
}
