/** The words of a rule as it was typed, right or wrong: what slips.ts looks for mistakes in. No part of the evaluation. */

export interface Lexeme {
  /** `open` is a text whose closing quote is missing, `curly` one in a typesetter's quotes, `stray` a character that no expression has. */
  readonly kind: 'string' | 'open' | 'curly' | 'number' | 'name' | 'sign' | 'stray'
  readonly text: string
  readonly start: number
  readonly end: number
}

const kinds: readonly (readonly [Lexeme['kind'], RegExp])[] = [
  ['string', /[rR]?(?:"""[\s\S]*?"""|'''[\s\S]*?''')/y],
  ['string', /[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y],
  ['open', /["'][^\n]*/y],
  ['curly', /[‘’‚“”„`´«»‹›][^‘’‚“”„`´«»‹›\n]*[‘’‚“”„`´«»‹›]/y],
  ['number', /\d[\w.]*/y],
  // Operators of directories and shells are words: `-eq`, `-and`.
  ['name', /-(?:eq|ne|gt|ge|lt|le|and|or|not|in|(?:not)?(?:in|like|match|contains|startsWith|endsWith))\b/iy],
  ['name', /[A-Za-z_]\w*/y],
  ['sign', /===|!==|<>|=~|==|!=|<=|>=|=<|=>|&&|\|\||\?\.(?!\d)|[-+*/%<>=!?:.,()[\]{}&|~]/y],
  ['stray', /[\s\S]/uy],
]

/** Every character is in a lexeme, but white space and comments. */
export function lexemesOf(text: string): readonly Lexeme[] {
  const lexemes: Lexeme[] = []
  const space = /(?:\s+|\/\/[^\n]*)+/y
  for (let at = 0; at < text.length; ) {
    space.lastIndex = at
    if (space.test(text)) at = space.lastIndex
    if (at >= text.length) break
    const lexeme = lexemeAt(text, at)
    lexemes.push(lexeme)
    at = lexeme.end
  }
  return lexemes
}

function lexemeAt(text: string, start: number): Lexeme {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = start
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) return { kind, text: found, start, end: start + found.length }
  }
  // The last pattern takes any character.
  return { kind: 'stray', text: text.charAt(start), start, end: start + 1 }
}
