import { messageOf } from '../shared/base/errors'
import { BrowserWindow, app, dialog } from 'electron'
import type { MenuCommand } from '../shared/protocol/protocol'
import type { TabId } from '../shared/protocol/tabs'
import { fileDialogs, fileInArguments, readExperimentFile, type OpenedFile } from './hosts/electron/files'
import { setupGate, type Gate } from './hosts/electron/gate'
import { linkInArguments, setupLinks, withoutLinks } from './hosts/electron/links'
import { setupMenu } from './hosts/electron/menu'
import { setupProtocol, setupScheme } from './hosts/electron/protocol'
import { runRuntime, runtimeInArguments } from './hosts/electron/runtime-command'
import { sandboxWarning, setupSecurity } from './hosts/electron/security'
import { electronCheck, electronTrainer } from './hosts/electron/trainer'
import { openWindow } from './hosts/electron/window'
import { showWork } from './hosts/electron/work'
import { adoptOldData, dataFolder } from './hosts/lab/data-folder'
import { createLab, type Connection } from './hosts/lab/lab'

// Electron's main process: windows, menu, files, and the gate to the laboratory. It computes nothing and
// never loads TensorFlow.

/** Files to open, waiting for a page that can show them. */
const opened: OpenedFile[] = []
/** Links to open, waiting likewise. */
const links: string[] = []
let gate: Gate | null = null

// A terminal that has been closed hears nothing; what was to be said there is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
setupData()
const command = app.isPackaged ? runtimeInArguments(process.argv) : null
if (command) {
  app.whenReady().then(async () => app.exit(await runRuntime(command)), fail)
} else if (app.requestSingleInstanceLock()) run()
else app.quit()

function run() {
  // For every page there may ever be; ours asks for it itself. Where the system's sandbox is switched off
  // (root in a container) this would keep Electron's own helper processes from starting.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  setupScheme()
  setupOpening()
  app.on('window-all-closed', () => app.quit())
  app.whenReady().then(setup, fail)
}

function setup() {
  setupSecurity()
  setupProtocol()
  setupMenu(sendCommand, showTab)
  setupLaboratory()
  openWindow(app.getPath('userData'))
}

/** Chromium's own things are with the user's where those are told a place: apart for each test. */
function setupData() {
  if (process.env.RESIDUAL_LAB_DATA) app.setPath('userData', dataFolder())
}

/** The folder of every host on this machine, with what an earlier window kept beside Chromium's things. */
function labFolder(): string {
  const folder = dataFolder()
  adoptOldData(app.getPath('userData'), folder)
  return folder
}

function setupLaboratory() {
  const lab = createLab({
    host: 'electron',
    spawn: electronTrainer,
    folder: labFolder(),
    runtime: { context: { runCheck: electronCheck } },
    files: fileDialogs(theWindow),
    warning: sandboxWarning(),
    onWork: (fraction, ended) => showWork(theWindow(), fraction, ended),
  })
  gate = setupGate(lab, deliver)
  // The last save must reach the disk before the process ends.
  app.once('will-quit', (event) => {
    event.preventDefault()
    lab.close().finally(() => app.exit(0))
  })
  void lab.start()
}

/** Files and links from the command line, from a second start of the program, and from the desktop of a Mac. */
function setupOpening() {
  const open = (file: string | null) => {
    if (!file) return
    readExperimentFile(file).then(
      (content) => {
        opened.push(content)
        const connection = connectionOfWindow()
        if (connection) deliver(connection)
      },
      (error: Error) => app.whenReady().then(() => dialog.showErrorBox('Residual Lab', error.message)),
    )
  }
  const openLink = (link: string | null) => {
    if (!link) return
    links.push(link)
    const connection = connectionOfWindow()
    if (connection) deliver(connection)
  }
  open(fileInArguments(withoutLinks(process.argv), process.cwd()))
  openLink(linkInArguments(process.argv))
  setupLinks(openLink)
  app.on('second-instance', (_event, argv, folder) => {
    const window = theWindow()
    if (window?.isMinimized()) window.restore()
    window?.focus()
    open(fileInArguments(withoutLinks(argv), folder))
    openLink(linkInArguments(argv))
  })
  app.on('open-file', (event, file) => {
    event.preventDefault()
    open(file)
  })
}

function deliver(connection: Connection) {
  opened.splice(0).forEach((file) => connection.send({ kind: 'notice', type: 'open', ...file }))
  links.splice(0).forEach((link) => connection.send({ kind: 'notice', type: 'link', link }))
}

function sendCommand(command: MenuCommand) {
  connectionOfWindow()?.send({ kind: 'notice', type: 'menu', command })
}

function showTab(tab: TabId) {
  connectionOfWindow()?.send({ kind: 'notice', type: 'show', tab })
}

function theWindow(): BrowserWindow | null {
  return BrowserWindow.getAllWindows()[0] ?? null
}

function connectionOfWindow(): Connection | undefined {
  const window = theWindow()
  return window ? gate?.connectionOf(window.webContents) : undefined
}

function fail(error: unknown) {
  dialog.showErrorBox('Residual Lab could not start', messageOf(error))
  app.exit(1)
}
