import { Menu, app, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand, RecentFile } from '../../../shared/protocol/protocol'
import { TABS, tabKey, type TabId } from '../../../shared/protocol/tabs'
import { engineWords } from '../lab/diagnostics'

export interface MenuActions {
  /** What the page does, as it does for its own buttons and keys: the menu only says what was chosen. */
  send(command: MenuCommand): void
  show(tab: TabId): void
  openRecent(file: RecentFile): void
  clearRecent(): void
  reopenWindow(): void
}

export function setAbout() {
  app.setAboutPanelOptions({
    // A test build (bin/package.mjs) is to be known as one.
    applicationName: app.getVersion().includes('-test.') ? 'Residual Lab test build' : 'Residual Lab',
    applicationVersion: app.getVersion(),
    copyright:
      'A workbench for learning and researching why residual networks work. MIT licence.\n' +
      `${engineWords()}.` +
      (app.isPackaged ? `\nLicences of all parts: ${process.resourcesPath}` : ''),
  })
}

/** The menu of all windows, as it is now. @param recent the files opened or saved last */
export function setMenu(recent: readonly RecentFile[], canReopen: boolean, actions: MenuActions) {
  const { send, show } = actions
  const item = (label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    id: command,
    label,
    accelerator,
    // The page listens to these keys itself (in the browser there is no menu); here they are only shown.
    registerAccelerator: false,
    click: () => send(command),
  })
  const view = ({ id, title }: (typeof TABS)[number]): MenuItemConstructorOptions => ({
    id: `tab-${id}`,
    label: title,
    accelerator: tabKey(id),
    registerAccelerator: false,
    click: () => show(id),
  })
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const recentItem = (file: RecentFile, i: number): MenuItemConstructorOptions => ({
    id: `recent-${i}`,
    // An ampersand would mark a letter.
    label: `${file.name}${file.isMissing ? ' (missing)' : ''} — ${file.folder}`.replaceAll('&', '&&'),
    click: () => actions.openRecent(file),
  })
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        item('New &window', 'new-window', 'CmdOrCtrl+Shift+N'),
        {
          id: 'reopen-window',
          label: 'Open the window that was &closed last',
          accelerator: 'CmdOrCtrl+Shift+T',
          enabled: canReopen,
          click: actions.reopenWindow,
        },
        separator,
        item('&Open experiment…', 'open', 'CmdOrCtrl+O'),
        {
          id: 'recent',
          label: 'Open &recent',
          enabled: recent.length > 0,
          submenu: [
            ...recent.map(recentItem),
            separator,
            { id: 'recent-clear', label: '&Forget these files', click: actions.clearRecent },
          ],
        },
        item('&Save experiment…', 'save', 'CmdOrCtrl+S'),
        separator,
        { role: 'close', accelerator: 'CmdOrCtrl+W' },
        ...(process.platform === 'darwin' ? [] : [{ role: 'quit' as const }]),
      ],
    },
    {
      label: '&Edit',
      submenu: [
        item('&Undo', 'undo', 'CmdOrCtrl+Z'),
        item('&Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&Run',
      submenu: [item('&Play', 'play')],
    },
    {
      label: '&View',
      submenu: [
        ...TABS.map(view),
        separator,
        { id: 'toggle-theme', label: 'Light or dark &theme', click: () => send('toggle-theme') },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [separator, { role: 'toggleDevTools' as const }]),
      ],
    },
    {
      label: '&Help',
      role: 'help',
      submenu: [{ label: '&About Residual Lab', click: () => app.showAboutPanel() }],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
