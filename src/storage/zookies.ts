/** Zookies of one folder: sealed in the present epoch, opened for as long as this log continues the one they are of. */
import { Fault } from '../lib/fault.ts'
import { openZookie, sealZookie } from '../tuple/zookie.ts'
import type { EpochStarts } from './commit.ts'
import type { StoreState } from './group.ts'
import * as keys from './keys.ts'
import type { Loaded } from './load.ts'
import type { Applied } from './reader.ts'
import type { Secrets } from './secret.ts'
import { unpack } from './values.ts'

export class Zookies {
  readonly #secrets: Secrets
  readonly #applied: Applied
  readonly #epochs: Loaded['epochs']
  readonly #epoch: Loaded['epoch']

  constructor(secrets: Secrets, applied: Applied, { epochs, epoch }: Pick<Loaded, 'epochs' | 'epoch'>) {
    this.#secrets = secrets
    this.#applied = applied
    this.#epochs = epochs
    this.#epoch = epoch
  }

  of(state: StoreState, revision: number): string {
    if (state.zookie?.revision === revision) return state.zookie.text
    const { id: store } = state.facts.row
    const text = sealZookie(this.#secrets.key('zookie'), { store, epoch: this.#epoch.id, revision })
    state.zookie = { revision, text }
    return text
  }

  /** @throws Fault invalid_zookie, log_forked */
  revisionIn(state: StoreState, text: string): number {
    const zookie = this.#open(text)
    if (zookie === undefined || zookie.store !== state.facts.row.id) {
      throw new Fault('invalid_zookie', 'invalid zookie')
    }
    const epoch = this.#epochs.get(zookie.epoch)
    if (epoch === undefined || zookie.revision >= this.#endOf(state, epoch)) {
      throw new Fault('log_forked', 'the zookie is of a log that this one does not continue')
    }
    return zookie.revision
  }

  /** INVARIANT: a secret that another has taken the place of opens what it sealed, and seals nothing any more. */
  #open(text: string): ReturnType<typeof openZookie> {
    for (const [age, key] of this.#secrets.keys('zookie').entries()) {
      const zookie = openZookie(key, text)
      if (zookie !== undefined) return age > 0 && zookie.epoch === this.#epoch.id ? undefined : zookie
    }
    return undefined
  }

  /** The first revision that no zookie of `epoch` can name: where the next epoch began for this store. */
  #endOf(state: StoreState, epoch: number): number {
    if (epoch === this.#epoch.number) return Number.POSITIVE_INFINITY
    const bytes = this.#applied.get(keys.epochStartsKey(state.number))
    const starts = bytes === undefined ? [] : unpack<EpochStarts>(bytes)
    const next = starts.find(([number]) => number > epoch)
    return next?.[1] ?? state.facts.head.revision + 1
  }
}
