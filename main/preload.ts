import { contextBridge, ipcRenderer } from 'electron'
import { CHANNEL } from './hosts/electron/channel'

/**
 * All that the page can reach: it posts messages of shared/protocol/ and hears them. The main process
 * checks each one.
 */
contextBridge.exposeInMainWorld('residualLab', {
  post(message: unknown): void {
    ipcRenderer.send(CHANNEL, message)
  },
  subscribe(listener: (message: unknown) => void): () => void {
    // The event would hand the page ipcRenderer itself.
    const heard = (_event: unknown, message: unknown) => listener(message)
    ipcRenderer.on(CHANNEL, heard)
    return () => ipcRenderer.removeListener(CHANNEL, heard)
  },
})
