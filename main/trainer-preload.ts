import { ipcRenderer } from 'electron'
import { PORTS } from './hosts/electron/ports-channel'
import { BEGIN } from './trainer/page/wire'

/** All that the page that computes can reach: three ports to the main process, which checks what comes by them. */
ipcRenderer.once(PORTS, ({ ports }) => window.postMessage(BEGIN, location.origin, ports))
