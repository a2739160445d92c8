/**
 * What lets this tab into the laboratory in a browser. It lives in the tab alone and lasts over a reload; the host's
 * entrance puts it there (main/hosts/browser/entrance.ts). Not a cookie: that would go to every port of 127.0.0.1.
 */

const NAME = 'residual-lab-session'
/** Reaches pages of this address and port only. */
const CHANNEL = 'residual-lab'

export const session = (): string | null => sessionStorage.getItem(NAME)

/** Whether the host that answers here now knows this tab. */
export async function isAccepted(): Promise<boolean> {
  const answer = await fetch('/session', {
    method: 'POST',
    body: new URLSearchParams({ session: session() ?? '' }),
  })
  return answer.status !== 403
}

export interface OtherTabs {
  /** This tab's session holds: tabs that wait for one have it. */
  share(): void
  /** Waits for another tab to have a session that holds. */
  ask(): void
}

/** Tabs of one browser let each other in, also those that a laboratory which is gone had let in. */
export function otherTabs(onSession: () => void): OtherTabs {
  const channel = new BroadcastChannel(CHANNEL)
  let holds = false
  const share = () => channel.postMessage({ session: session() })
  channel.onmessage = ({ data }: MessageEvent<{ ask?: true; session?: string }>) => {
    if (data.ask && holds) share()
    if (!data.session || data.session === session()) return
    sessionStorage.setItem(NAME, data.session)
    onSession()
  }
  return {
    share() {
      holds = true
      share()
    },
    ask() {
      holds = false
      channel.postMessage({ ask: true })
    },
  }
}
