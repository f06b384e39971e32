// Turns data into words and nodes. Nothing here parses HTML: whatever somebody
// writes ends in a text node.

const linkPattern = /https?:\/\/[^\s<>"'`\u202a-\u202e\u2066-\u2069]+/giu

/** Punctuation after a link belongs to the sentence, unless it closes a bracket of the link. */
function trimLink(link) {
  for (;;) {
    const last = link.at(-1)
    const opening = { ')': '(', ']': '[', '}': '{' }[last]
    if (opening ? count(link, opening) >= count(link, last) : !'.,;:!?…'.includes(last)) return link
    link = link.slice(0, -1)
  }
}

const count = (text, char) => text.split(char).length - 1

function isWebLink(link) {
  try {
    const { protocol, hostname } = new URL(link)
    return (protocol === 'http:' || protocol === 'https:') && hostname !== ''
  } catch {
    return false
  }
}

/**
 * Cuts a text into plain pieces and links.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function splitLinks(text) {
  const pieces = []
  let end = 0
  for (const match of text.matchAll(linkPattern)) {
    const link = trimLink(match[0])
    if (!isWebLink(link)) continue
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) })
    pieces.push({ text: link, href: link })
    end = match.index + link.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

/** Fills `element` with `text`, links made clickable. */
export function fillText(element, text) {
  element.replaceChildren(...splitLinks(text).map((piece) => {
    if (!piece.href) return document.createTextNode(piece.text)
    const anchor = document.createElement('a')
    anchor.href = piece.href
    anchor.target = '_blank'
    anchor.rel = 'noopener noreferrer nofollow'
    anchor.textContent = piece.text
    return anchor
  }))
}

/** True for a few emoji and nothing else; they are shown larger. */
export const isOnlyEmoji = (text) =>
  /^(\p{RI}\p{RI}|\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]*(\u200d\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]*)*|\s){1,5}$/u.test(text)

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const fullTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const longDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })

export const clock = (at) => time.format(at)
export const exactTime = (at) => fullTime.format(at)

/** Key of the day, in local time. */
export function dayOf(at) {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

export function dayLabel(at, now = Date.now()) {
  if (dayOf(at) === dayOf(now)) return 'Today'
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  if (dayOf(at) === dayOf(yesterday)) return 'Yesterday'
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (isThisYear ? weekday : longDay).format(at)
}

/** "Ann", "Ann and Bob", "Ann, Bob and 3 others". */
export function nameList(names) {
  if (names.length <= 2) return names.join(' and ')
  const others = names.length - 2
  return `${names[0]}, ${names[1]} and ${others} ${others === 1 ? 'other' : 'others'}`
}

/** A colour that stays with a name: hue 0..359. */
export function hueOf(name) {
  let hash = 0
  for (const char of name) hash = (hash * 31 + char.codePointAt(0)) >>> 0
  return Math.round((hash % 997) * 137.508) % 360
}

/** First character as one sees it, so that an emoji or an accent stays whole. */
export function initialOf(name) {
  const [first] = new Intl.Segmenter().segment(name)
  return first ? first.segment.toUpperCase() : '?'
}

/** Makes `element` the avatar of `name`. */
export function fillAvatar(element, name) {
  element.textContent = initialOf(name)
  element.style.setProperty('--hue', hueOf(name))
}
