/** The numbers as Prometheus reads them. Its library is loaded by the first who asks, and the process's own metrics begin then. */
import type { Metric, Registry } from 'prom-client'
import type { Histogram } from '../lib/histogram.ts'
import { type HistogramReading, histogramsOf, type Observed, readingsOf } from './readings.ts'

export interface Scraped {
  readonly type: string
  readonly text: string
}

export function expositionOf(observed: Observed): () => Promise<Scraped> {
  let registry: Promise<Registry> | undefined
  return async () => {
    registry ??= registryOf(observed)
    const { contentType: type } = await registry
    return { type, text: await (await registry).metrics() }
  }
}

async function registryOf(observed: Observed): Promise<Registry> {
  const { Counter, collectDefaultMetrics, Gauge, Registry: Fresh } = await import('prom-client')
  const registry = new Fresh()
  collectDefaultMetrics({ register: registry })
  for (const { name, help, type, labels: labelNames, read } of readingsOf(observed)) {
    const options = { name, help, labelNames, registers: [registry] }
    if (type === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          this.reset()
          for (const [labels, value] of read()) this.set(labels, value)
        },
      })
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset()
          for (const [labels, value] of read()) this.inc(labels, value)
        },
      })
    }
  }
  for (const reading of histogramsOf(observed)) registry.registerMetric(metricOf(reading))
  return registry
}

/** The library's own histogram counts for itself; ours are counted already, so it is given what it would print. */
function metricOf({ name, help, scale, read }: HistogramReading): Metric {
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    reset() {},
    async get() {
      const values = read().flatMap(([labels, histogram]) => valuesOf(name, labels, histogram, scale))
      return { name, help, type: 'histogram', aggregator: 'sum', values }
    },
  }
  return metric as unknown as Metric
}

function valuesOf(name: string, labels: object, { bounds, counts, sum }: Histogram, scale: number) {
  let count = 0
  const buckets = Array.from(counts, (more, at) => {
    count += more
    const bound = bounds[at]
    const le = bound === undefined ? '+Inf' : String(bound / scale)
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum / scale },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
