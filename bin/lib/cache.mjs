import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The user's cache folder of the lab, shared by all checkouts.
 * Plain JavaScript because the launcher needs it before anything is built.
 */
export function cacheFolder(env = process.env, platform = process.platform) {
  if (env.RESIDUAL_LAB_CACHE) return env.RESIDUAL_LAB_CACHE
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'residual-lab')
  const home = env.HOME || env.USERPROFILE || homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'residual-lab')
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'residual-lab')
  return join(home, '.cache', 'residual-lab')
}
