/** Iterations that hold something open: a generator that was never started would never run its `finally`. */

/** The same items once; `release` runs once, at the end, the first failure, or the consumer's `return`. */
export function releasing<Item>(items: AsyncIterator<Item>, release: () => void): AsyncIterable<Item> {
  let open = true
  const close = () => {
    if (open) release()
    open = false
  }
  const iterator: AsyncIterator<Item> = {
    next: async () => {
      try {
        const step = await items.next()
        if (step.done === true) close()
        return step
      } catch (thrown) {
        close()
        throw thrown
      }
    },
    return: async () => {
      try {
        await items.return?.()
      } finally {
        close()
      }
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** The items of pages one by one, at next to no cost for each. */
export function itemsOf<Item>(pages: AsyncIterable<readonly Item[]>): AsyncIterable<Item> {
  const source = pages[Symbol.asyncIterator]()
  let page: readonly Item[] = []
  let taken = 0
  const iterator: AsyncIterator<Item> = {
    next: async () => {
      while (taken === page.length) {
        const step = await source.next()
        if (step.done === true) return { done: true, value: undefined }
        page = step.value
        taken = 0
      }
      return { done: false, value: page[taken++] as Item }
    },
    return: async () => {
      await source.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
