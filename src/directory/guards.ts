/**
 * Rules about writes that no model can say, switched on by the preset's data. Every commit to an organization passes
 * them, raw tuples too.
 */
import type { Change } from '../storage/storage.ts'
import type { Sight } from './sight.ts'

/** @throws Fault: nothing is written then */
export async function guard(_sight: Sight, _change: Change): Promise<void> {}
