/** A rule that costs much: some 1.5 ms of somebody with such texts. A commit has room for a hundred of them. */

const list = Array.from({ length: 60 }, () => '')
export const texts = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, list]))
export const dear = "attrs.exists(k, attrs[k].exists(v, v == 'x'))"
