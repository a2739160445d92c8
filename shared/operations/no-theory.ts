import { NoTheory } from '../moments/moments'
import type { Operation } from './operation'

/** The four readings of an operation that theory has no answer for. @param why a clause: "max pooling" */
export function withoutTheory(
  why: string,
): Pick<Operation<never>, 'moments' | 'gradientMoments' | 'particles' | 'gradientParticles'> {
  const refuse = () => {
    throw new NoTheory(why)
  }
  return { moments: refuse, gradientMoments: refuse, particles: refuse, gradientParticles: refuse }
}
