/**
 * The last step of the build: relative imports in declaration files end in `.js`, as those of the code beside them do.
 * The compiler rewrites them in code only. Run on what it made: `declarations.mjs FOLDER`. Plain JavaScript, so that a
 * build needs nothing but the compiler.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = 'dist'] = process.argv.slice(2)
const specifier = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]*)\.ts\2/g

for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue
  const path = join(folder, name)
  const text = readFileSync(path, 'utf8')
  const rewritten = text.replace(specifier, '$1$2$3.js$2')
  if (rewritten !== text) writeFileSync(path, rewritten)
}
