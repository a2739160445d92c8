import type { FlowEdge } from './flow'

/** The wire under what is dragged over the canvas: an operation goes in there when it is let go. */
export class WireDrop {
  /** The wire's id; null where there is none. */
  wire = $state<string | null>(null)

  constructor(private readonly edges: () => readonly FlowEdge[]) {}

  /** Something is dragged over a point of the screen; wires that `without` is an end of do not take it. */
  over(x: number, y: number, without?: string): void {
    this.wire = this.#wireAt(x, y, without)
  }

  none(): void {
    this.wire = null
  }

  /** It is let go: the wire it goes into. */
  end(): string | null {
    const { wire } = this
    this.wire = null
    return wire
  }

  /** Shows on the wire itself that it takes what is dragged; to be called in an effect. */
  mark(frame: HTMLElement | undefined): (() => void) | undefined {
    const id = this.wire
    const edge = id !== null && frame?.querySelector(`.svelte-flow__edge[data-id="${CSS.escape(id)}"]`)
    if (!edge) return
    edge.classList.add('drop')
    return () => edge.classList.remove('drop')
  }

  /** Under whatever else is at that point. */
  #wireAt(x: number, y: number, without?: string): string | null {
    for (const element of document.elementsFromPoint(x, y)) {
      const id = element.closest('.svelte-flow__edge')?.getAttribute('data-id')
      const edge = id && this.edges().find((candidate) => candidate.id === id)
      if (edge && edge.source !== without && edge.target !== without) return edge.id
    }
    return null
  }
}
