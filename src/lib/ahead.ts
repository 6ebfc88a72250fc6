/**
 * Reads one step ahead: what comes next is under way while what came is worked on. For who takes all of it; what is left when
 * somebody stops is read for nothing.
 */
export async function* ahead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item> {
  try {
    let next = source.next()
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = source.next()
      // Whoever stops before it hears of no failure of it.
      next.catch(() => {})
      yield value
    }
  } finally {
    await source.return(undefined)
  }
}
