import { expect, test } from 'vitest'
import { configOptions, readConfig } from '../src/config.ts'
import { defaults } from '../src/service/options.ts'

test('defaults', () => {
  expect(readConfig({}, {})).toEqual({
    data: './data',
    listen: { host: '127.0.0.1', port: 8080 },
    opsListen: undefined,
    socketMode: 0o660,
    insecure: false,
    auth: [],
    callersFile: undefined,
    oidcIssuer: undefined,
    oidcAudience: undefined,
    oidcAlgorithms: [],
    oidcJwks: undefined,
    oidcSkewMs: 30_000,
    oidcScopeClaim: 'scope',
    oidcAdminWord: undefined,
    oidcActorClaim: undefined,
    corsOrigins: [],
    tlsCert: undefined,
    tlsKey: undefined,
    tlsClientCa: undefined,
    tlsClientAuth: 'require',
    bootstrap: [],
    presets: [],
    mail: 'none',
    smtpUrl: undefined,
    mailFrom: undefined,
    linkBase: undefined,
    resolveDepth: 25,
    requestTimeoutMs: 3_000,
    listDeadlineMs: 3_000,
    listMax: 1_000,
    tuplesPerWriteMax: 100,
    usageDays: 400,
    usageSample: 0,
    checksPerBatchMax: 50,
    bodyBytesMax: 616_448,
    zookieWaitMs: 50,
    cacheBytesMax: 134_217_728,
    cacheWindowMs: 300_000,
    decisionBytesMax: 16_777_216,
    decisionLog: undefined,
    decisionLogAllows: 1,
    decisionLogDenies: 1,
    decisionLogMasks: ['context'],
    decisionLogPaths: 0,
    watchesMax: 100,
    sampleEvery: 10_000,
    connectionsMax: 10_000,
    listsMax: 3,
    ratePerSecond: 0,
    drainNoticeMs: 0,
    drainMs: 10_000,
    fastLane: true,
    logLevel: 'info',
  })
})

test('frozen all the way down', () => {
  const config = readConfig({ bootstrap: 'a,b' }, {})
  for (const part of [config, config.listen, config.bootstrap]) expect(Object.isFrozen(part)).toBe(true)
})

test('a flag wins over the environment, the environment over the default, an empty variable is none', () => {
  const env = { KITH_DATA: '/env', KITH_LIST_MAX: '7', KITH_ZOOKIE_WAIT: '' }
  expect(readConfig({ data: '/flag' }, env)).toMatchObject({ data: '/flag', listMax: 7, zookieWaitMs: 50 })
})

test.each([
  ['listen', '127.0.0.1:0', { listen: { host: '127.0.0.1', port: 0 } }],
  ['listen', 'localhost:65535', { listen: { host: 'localhost', port: 65_535 } }],
  ['listen', '[::1]:80', { listen: { host: '::1', port: 80 } }],
  ['listen', 'unix:/tmp/k.sock', { listen: { path: '/tmp/k.sock' } }],
  ['ops-listen', 'unix:/tmp/o.sock', { opsListen: { path: '/tmp/o.sock' } }],
  ['ops-listen', '', { opsListen: undefined }],
  ['socket-mode', '0600', { socketMode: 0o600 }],
  ['socket-mode', '777', { socketMode: 0o777 }],
  ['tls-client-auth', 'request', { tlsClientAuth: 'request' }],
  ['insecure', true, { insecure: true }],
  ['insecure', '1', { insecure: true }],
  ['insecure', 'false', { insecure: false }],
  ['bootstrap', 'a.yaml, b.yaml,', { bootstrap: ['a.yaml', 'b.yaml'] }],
  ['bootstrap', ['a.yaml', 'b.yaml'], { bootstrap: ['a.yaml', 'b.yaml'] }],
  ['zookie-wait', '0', { zookieWaitMs: 0 }],
  ['decision-cache-bytes', '0', { decisionBytesMax: 0 }],
  ['cache-sample', '0', { sampleEvery: 0 }],
  ['cache-sample', '1', { sampleEvery: 1 }],
  ['log-level', 'silent', { logLevel: 'silent' }],
  ['auth', 'none', { auth: [] }],
  ['auth', 'keys', { auth: ['keys'] }],
  ['auth', 'oidc, keys', { auth: ['keys', 'oidc'] }],
  ['oidc-algorithms', 'RS256, ES256', { oidcAlgorithms: ['RS256', 'ES256'] }],
  ['oidc-issuer', '', { oidcIssuer: undefined }],
])('--%s %j', (name, given, expected) => {
  expect(readConfig({ [name]: given }, {})).toMatchObject(expected)
})

test.each([
  ['listen', '8080', 'give HOST:PORT'],
  ['listen', '127.0.0.1', 'give HOST:PORT'],
  ['listen', '127.0.0.1:65536', 'give HOST:PORT'],
  ['listen', '::1:80', 'give HOST:PORT'],
  ['listen', 'unix:', 'give HOST:PORT'],
  ['listen', '', 'give HOST:PORT'],
  ['ops-listen', '9090', 'give HOST:PORT'],
  ['socket-mode', '66', 'give three octal digits'],
  ['socket-mode', '668', 'give three octal digits'],
  ['socket-mode', '4660', 'give three octal digits'],
  ['tls-client-auth', 'maybe', 'give one of require, request'],
  ['tls-cert', 'c.pem', 'give its key too: --tls-key (KITH_TLS_KEY)'],
  ['tls-key', 'k.pem', 'give its certificate too: --tls-cert (KITH_TLS_CERT)'],
  ['tls-client-ca', 'a.pem', 'certificates need TLS'],
  ['data', '', 'give a path'],
  ['insecure', 'yes', 'give true or false'],
  ['list-max', '0', 'give a whole number of names from 1 to 1000000'],
  ['list-max', '1000001', 'give a whole number'],
  ['request-timeout', '3s', 'give a whole number of ms from 1 to 600000'],
  ['resolve-depth', '-1', 'give a whole number of tuple hops'],
  ['resolve-depth', '2.5', 'give a whole number of tuple hops'],
  ['cache-window', '300001', 'give a whole number of ms from 1 to 300000'],
  ['decision-cache-bytes', '16MiB', 'give a whole number of bytes from 0 to 1073741824'],
  ['cache-sample', '-1', 'give a whole number of answers from memory from 0 to 1000000000'],
  ['auth', 'none,keys', 'give none, or any of keys'],
  ['auth', 'keys,keys', 'each once'],
  ['auth', 'passwords', 'give none, or any of keys'],
  ['log-level', 'loud', 'give one of silent, error, warn, info'],
])('--%s %j is refused, with its name, the value and the fix', (name, given, fix) => {
  const option = configOptions.find((known) => known.name === name)
  const read = () => readConfig({ [name]: given }, {})
  expect(read).toThrow(`--${name} (${option?.variable}): \`${given}\` cannot be used: `)
  expect(read).toThrow(fix)
})

test('what the service has a default for, it has here too', () => {
  const config: Readonly<Record<string, unknown>> = { ...readConfig({}, {}) }
  const shared = Object.entries(defaults).filter(([field]) => Object.hasOwn(config, field))
  expect(shared.length).toBeGreaterThan(8)
  for (const [field, value] of shared) expect({ [field]: config[field] }).toEqual({ [field]: value })
})

test('every option has one name, one variable, one field, and says what it is', () => {
  for (const part of ['name', 'variable', 'field'] as const) {
    expect(new Set(configOptions.map((option) => option[part])).size).toBe(configOptions.length)
  }
  for (const { name, variable, help, kind, unit, range } of configOptions) {
    expect(variable).toBe(`KITH_${name.toUpperCase().replaceAll('-', '_')}`)
    expect(help).not.toBe('')
    if (kind === 'count') expect([unit, range]).not.toContain(undefined)
  }
  expect(Object.keys(readConfig({}, {})).toSorted()).toEqual(
    configOptions.map(({ field }) => field).toSorted(),
  )
})

test('TLS needs an address that speaks it', () => {
  const tls = { 'tls-cert': 'c.pem', 'tls-key': 'k.pem', listen: 'unix:/k.sock' }
  expect(() => readConfig(tls, {})).toThrow('unix sockets speak no TLS')
  expect(() => readConfig({ ...tls, 'ops-listen': 'unix:/o.sock' }, {})).toThrow('unix sockets speak no TLS')
  expect(readConfig({ ...tls, 'ops-listen': '127.0.0.1:9090' }, {})).toMatchObject({ tlsCert: 'c.pem' })
})

test.each([
  [undefined, 134_217_728, 16_777_216],
  [4 * 2 ** 30, 134_217_728, 16_777_216],
  [256 * 2 ** 20, 67_108_864, 8_388_608],
  [1_001, 250, 31],
])('defaults of memory keep to a limit of %s bytes', (limit, cacheBytesMax, decisionBytesMax) => {
  expect(readConfig({}, {}, limit)).toMatchObject({ cacheBytesMax, decisionBytesMax })
  const given = readConfig({ 'cache-bytes': '134217728' }, { KITH_DECISION_CACHE_BYTES: '7' }, limit)
  expect(given).toMatchObject({ cacheBytesMax: 134_217_728, decisionBytesMax: 7 })
})
