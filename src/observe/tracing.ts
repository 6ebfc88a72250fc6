/**
 * Traces, as OpenTelemetry's own OTEL_* variables ask for: a span for each request, under the trace that its caller
 * began. Where they ask for nothing, nothing of it is loaded. Spans have no parents within Kith, so nothing is carried
 * through the service: a span is made when its answer is known.
 */
import type { Seen } from './witness.ts'

export interface Tracing {
  readonly see: (seen: Seen) => void
  /** Sends what waits, for so long at most. */
  close(waitMs: number): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether traces are asked for: an exporter or an endpoint is named, and nothing says no. */
function asksForTraces(env: Environment): boolean {
  const exporter = env.OTEL_TRACES_EXPORTER ?? ''
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || exporter === 'none') return false
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? ''
  return exporter === 'otlp' || endpoint !== ''
}

/** Undefined: none are asked for. The endpoint, sampler, batches and resource are read from the environment by the SDK. */
export async function openTracing(env: Environment = process.env): Promise<Tracing | undefined> {
  if (!asksForTraces(env)) return undefined
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, sdk, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const { resourceFromAttributes, detectResources, envDetector } = resources
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'kith' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = provider.getTracer('kith')
  return {
    see(seen) {
      const parent = parentOf(seen)
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
      const options = {
        kind: SpanKind.SERVER,
        startTime: seen.at - seen.elapsedMs,
        attributes: attributesOf(seen),
      }
      const span = tracer.startSpan(`kith ${seen.name}`, options, context)
      if (seen.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: seen.fault ?? '' })
      span.end(seen.at)
    },
    async close(waitMs) {
      const timer = new Promise<void>((resolve) => setTimeout(resolve, waitMs).unref())
      await Promise.race([provider.shutdown().catch(() => {}), timer])
    },
  }
}

const traceparentPattern = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/

/** W3C's; undefined for anything that is not, as it says one should read it. */
function parentOf({ traceparent }: Seen) {
  const match = traceparentPattern.exec(traceparent ?? '')
  if (match === null || traceparent?.startsWith('ff')) return undefined
  const [, traceId = '', spanId = '', flags = ''] = match
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

function attributesOf({ name, lane, status, store, model, caller, requestId, fault, told }: Seen) {
  const attributes: Record<string, string | number | boolean> = {
    'kith.verb': name,
    'kith.lane': lane ? 'fast' : 'app',
    'kith.caller': caller.id,
    'kith.request_id': requestId,
    'http.response.status_code': status,
  }
  if (store !== undefined) attributes['kith.store'] = store
  if (model !== undefined) attributes['kith.model'] = model
  if (fault !== undefined) attributes['error.type'] = fault
  if (told?.verb === 'check' && told.answer !== undefined) {
    attributes['kith.allowed'] = told.answer.allowed
    if (told.answer.source !== undefined) attributes['kith.source'] = told.answer.source
  }
  if (told?.verb === 'batch-check') attributes['kith.checks'] = told.request.checks.length
  if (told?.verb.startsWith('list-') === true && 'count' in told) attributes['kith.count'] = told.count ?? 0
  return attributes
}
