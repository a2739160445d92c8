import { messageOf } from '../shared/base/errors'
import { BrowserWindow, app, dialog, type MessageBoxOptions, type WebContents } from 'electron'
import type { OpenedFile, RecentFile } from '../shared/protocol/protocol'
import { commandInArguments, runCommand } from './hosts/electron/command'
import { fileDialogs, showFolder } from './hosts/electron/files'
import { setupGate, type Gate } from './hosts/electron/gate'
import { setAbout, setMenu } from './hosts/electron/menu'
import { setupOpening } from './hosts/electron/opening'
import { createPost } from './hosts/electron/post'
import { setupProtocol, setupScheme } from './hosts/electron/protocol'
import { sandboxWarning, setupSecurity } from './hosts/electron/security'
import { openSession } from './hosts/electron/session'
import { pageTrainer } from './hosts/electron/page-trainer'
import { electronCheck, electronTrainer } from './hosts/electron/trainer'
import { trainerByDevice } from './hosts/electron/trainer-choice'
import { createWindows, type Windows } from './hosts/electron/windows'
import { showWork } from './hosts/electron/work'
import { adoptOldData, dataFolder } from './files/data-folder'
import type { FrontEnd } from './hosts/lab/front-end'
import { createLab, type Lab } from './hosts/lab/lab'
import { readOpenedFile } from './hosts/lab/opened-file'

// Electron's main process: windows, menu, files, and the gate to the laboratory. It computes nothing and
// never loads TensorFlow.

let lab: Lab | null = null
let gate: Gate | null = null
let windows: Windows | null = null
const currentWindow = () => windows?.current() ?? null
/** Files and links to open wait in it for a page that can show them. */
const post = createPost((contents) => gate?.connectionOf(contents), currentWindow)

// A terminal that has been closed hears nothing; what was to be said there is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
setupData()
const command = app.isPackaged ? commandInArguments(process.argv) : null
if (command) {
  app.whenReady().then(async () => app.exit(await runCommand(command)), fail)
} else if (app.requestSingleInstanceLock()) run()
else app.quit()

function run() {
  // For every page there may ever be; ours asks for it itself. Where the system's sandbox is switched off
  // (root in a container) this would keep Electron's own helper processes from starting.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  setupScheme()
  // Chromium has WebGPU on Linux, too, but leaves it to whoever knows what runs in the page.
  if (process.platform === 'linux') app.commandLine.appendSwitch('enable-unsafe-webgpu')
  setupOpening({
    file: (file) => void open(readOpenedFile(file)),
    link: (link) => post.send({ kind: 'notice', type: 'link', link }),
    again() {
      const window = currentWindow()
      if (window?.isMinimized()) window.restore()
      window?.focus()
    },
  })
  app.on('window-all-closed', () => app.quit())
  app.whenReady().then(setup).catch(fail)
}

async function setup() {
  setupSecurity()
  setupProtocol()
  setAbout()
  const session = openSession(app.getPath('userData'))
  const theLab = (lab = createLab({
    host: 'electron',
    spawn: trainerByDevice(pageTrainer, electronTrainer),
    folder: labFolder(),
    runtime: { context: { runCheck: electronCheck } },
    warning: sandboxWarning(),
    showFolder,
    onRecent(newest) {
      if (newest) app.addRecentDocument(newest)
      updateMenu()
    },
  }))
  let ending: Promise<void> | null = null
  const endLab = () => (ending ??= theLab.close())
  windows = createWindows({
    session,
    startWorkspace: theLab.startWorkspace,
    setWorkspaceAside: theLab.setWorkspaceAside,
    say: (window, text, tone) => post.send({ kind: 'notice', type: 'said', text, tone }, window),
    onLast: () => void endLab(),
    onChange: updateMenu,
  })
  const all = windows
  // After Electron's own handlers, which ask what nobody may be there to answer.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => all.endAll())
  gate = setupGate(theLab, frontEndOf, post.deliver)
  // The last save must reach the disk before the process ends.
  app.once('will-quit', (event) => {
    event.preventDefault()
    Promise.allSettled([endLab(), session.end()]).finally(() => app.exit(0))
  })
  // What is missing now may be there later.
  app.on('browser-window-focus', () => updateMenu())
  updateMenu()
  void theLab.start()
  await windows.restore()
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

function frontEndOf(contents: WebContents): FrontEnd {
  const window = BrowserWindow.fromWebContents(contents)
  if (!window || !windows) return {}
  const all = windows
  return {
    workspace: all.numberOf(contents),
    files: fileDialogs(window),
    onWork: (fraction, ended) => showWork(window, fraction, ended),
    openWindow: () => all.openNew(window),
  }
}
/** A file that the user has named, to be shown by the page of the window that they look at. */
async function open(reading: Promise<OpenedFile>) {
  try {
    const file = await reading
    await app.whenReady()
    lab?.recent.name(file.path)
    post.send({ kind: 'notice', type: 'open', ...file })
  } catch (error) {
    await app.whenReady()
    dialog.showErrorBox('Residual Lab', messageOf(error))
  }
}

/** The menu as it was made last. */
let menuShown = ''

function updateMenu() {
  void lab?.recent.list().then((files) => {
    const canReopen = windows?.canReopen() ?? false
    const shown = JSON.stringify([files, canReopen])
    // One that is open just now would close.
    if (shown === menuShown) return
    menuShown = shown
    setMenu(files, canReopen, {
      send: (command) => post.send({ kind: 'notice', type: 'menu', command }),
      show: (tab) => post.send({ kind: 'notice', type: 'show', tab }),
      openRecent: (file) => void openRecent(file),
      clearRecent() {
        void lab?.recent.clear()
        app.clearRecentDocuments()
      },
      reopenWindow: () => windows?.reopen(),
    })
  })
}

async function openRecent({ id, name, folder }: RecentFile) {
  if (!lab) return
  const file = (await lab.recent.list()).find((one) => one.id === id)
  if (!file?.isMissing) return open(lab.recent.open(id))
  const question: MessageBoxOptions = {
    type: 'warning',
    message: `${name} is not there any more.`,
    detail: `It was in ${folder}.`,
    buttons: ['Take it off the list', 'Leave it there'],
    defaultId: 0,
    cancelId: 1,
  }
  const window = currentWindow()
  const { response } = await (window
    ? dialog.showMessageBox(window, question)
    : dialog.showMessageBox(question))
  if (response === 0) await lab.recent.remove(id)
}

function fail(error: unknown) {
  dialog.showErrorBox('Residual Lab could not start', messageOf(error))
  app.exit(1)
}
