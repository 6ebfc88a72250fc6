/** The words of a rule as it was typed, right or wrong: what slips.ts looks for mistakes in. No part of the evaluation. */

export interface Token {
  /** `open` is a text whose closing quote is missing, `curly` one in a typesetter's quotes, `stray` a character that no expression has. */
  readonly kind: 'string' | 'open' | 'curly' | 'number' | 'name' | 'sign' | 'stray'
  readonly text: string
  readonly start: number
  readonly end: number
}

const kinds: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /[rR]?(?:"""[\s\S]*?"""|'''[\s\S]*?''')/y],
  ['string', /[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y],
  ['open', /["'][^\n]*/y],
  ['curly', /[‘’“”`´][^‘’“”`´\n]*[‘’“”`´]/y],
  ['number', /\d[\w.]*/y],
  ['name', /[A-Za-z_]\w*/y],
  ['sign', /===|!==|<>|=~|==|!=|<=|>=|&&|\|\||[-+*/%<>=!?:.,()[\]{}&|]/y],
  ['stray', /[\s\S]/y],
]

/** Every character is in a token, but white space and comments. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const space = /(?:\s+|\/\/[^\n]*)+/y
  for (let at = 0; at < text.length; ) {
    space.lastIndex = at
    if (space.test(text)) at = space.lastIndex
    if (at >= text.length) break
    const token = tokenAt(text, at)
    tokens.push(token)
    at = token.end
  }
  return tokens
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = start
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) return { kind, text: found, start, end: start + found.length }
  }
  // The last pattern takes any character.
  return { kind: 'stray', text: text.charAt(start), start, end: start + 1 }
}
