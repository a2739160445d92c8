import { Menu, app, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../../../shared/protocol/protocol'
import { TABS, tabKey, type TabId } from '../../../shared/protocol/tabs'
import { engineWords } from '../lab/diagnostics'

/** The menu only says what was chosen: the page does it, as it does for its own buttons and keys. */
export function setupMenu(send: (command: MenuCommand) => void, show: (tab: TabId) => void) {
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
  app.setAboutPanelOptions({
    // A test build (bin/package.mjs) is to be known as one.
    applicationName: app.getVersion().includes('-test.') ? 'Residual Lab test build' : 'Residual Lab',
    applicationVersion: app.getVersion(),
    copyright:
      'A workbench for learning and researching why residual networks work. MIT licence.\n' +
      `${engineWords()}.` +
      (app.isPackaged ? `\nLicences of all parts: ${process.resourcesPath}` : ''),
  })
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        item('&Open experiment…', 'open', 'CmdOrCtrl+O'),
        item('&Save experiment…', 'save', 'CmdOrCtrl+S'),
        separator,
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
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
