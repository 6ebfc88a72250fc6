/** Use day by day: of one group, or of the organization. Of months that are too old, only their sum. */
import type { JsonObject } from '../../lib/json.ts'
import type { View } from '../../storage/storage.ts'
import type { Ground } from '../ground.ts'
import { groupAt } from '../groups/group.ts'
import { nameOf } from '../lists/entity-name.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { daysIn, monthsIn, type Range } from './calendar.ts'
import { countId, counts, noCount, partOf, sumIn } from './counters.ts'
import { figuresOf, nothing, plus, shownFigures } from './figures.ts'
import { type AskedRange, rangeOf } from './range.ts'

type SeriesRequest = Visit & AskedRange

/** @throws Fault not_found: it is not there, or hidden; not_in_preset, forbidden, invalid_field */
export function groupSeries(
  ground: Ground,
  request: SeriesRequest & { readonly group: string },
): Promise<Looked<JsonObject>> {
  return look(ground, request, async (sight) => {
    const { id, object } = await groupAt(sight, request.group)
    await sight.demand('analytics.view', sight.group.actions['analytics.view'], object)
    const series = seriesOf(sight.view, object, rangeOf(request, sight.view.now))
    return { group: id, name: nameOf(sight, object) ?? id, ...series }
  })
}

/** Each event once, whatever groups its user was in. @throws Fault not_in_preset, forbidden, invalid_field */
export function totalSeries(ground: Ground, request: SeriesRequest): Promise<Looked<JsonObject>> {
  return look(ground, request, async (sight) => {
    const { actions } = sight.preset.organization
    await sight.demand('analytics.view', actions['analytics.view'], sight.organization)
    return seriesOf(sight.view, sight.organization, rangeOf(request, sight.view.now))
  })
}

/** A point read for each month. */
function seriesOf(view: View, object: string, range: Range): JsonObject {
  const days: JsonObject[] = []
  const months: JsonObject[] = []
  let sum = nothing
  for (const month of monthsIn(range)) {
    const found = counts.at(view, countId(month, object)) ?? noCount
    const part = partOf(month, range)
    sum = plus(sum, sumIn(part, found))
    if (found.whole !== undefined) {
      months.push({ month, ...shownFigures(figuresOf(found.whole)) })
      continue
    }
    for (const day of daysIn({ from: `${month}-${part.from}`, to: `${month}-${part.to}` })) {
      const cells = found.days[day.slice(8)]
      days.push({ day, ...shownFigures(cells === undefined ? nothing : figuresOf(cells)) })
    }
  }
  return { ...range, ...shownFigures(sum), days, ...(months.length === 0 ? {} : { months }) }
}
