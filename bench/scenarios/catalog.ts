/** The scenarios by name. */
import { chains } from './chains.ts'
import { clearance } from './clearance.ts'
import { hundredMillion, largeOrganization, smallOrganization, tenMillion } from './enterprise.ts'
import { hours } from './hours.ts'
import { lists } from './lists.ts'
import { mix } from './mix.ts'
import { rings } from './rings.ts'
import type { Scenario } from './scenario.ts'
import { wide } from './wide.ts'

export const catalog: readonly Scenario[] = [
  smallOrganization,
  largeOrganization,
  chains,
  wide,
  tenMillion,
  hundredMillion,
  clearance,
  hours,
  mix,
  rings,
  lists,
]

/** @throws Error naming the ones there are */
export function scenarioOf(name: string): Scenario {
  const found = catalog.find((scenario) => scenario.name === name)
  if (found !== undefined) return found
  throw new Error(`no scenario \`${name}\`; there are ${catalog.map((scenario) => scenario.name).join(', ')}`)
}
