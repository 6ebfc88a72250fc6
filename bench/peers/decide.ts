/** What a peer is asked: the same question, of the tuples of an enterprise, loaded in the way that suits it. */
import type { Question } from '../scenarios/scenario.ts'

export type Decide = (question: Question) => boolean
