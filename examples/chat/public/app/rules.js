// What a name, a room and a message may be. The server has the last word
// (../../rules.h); the page says the same things earlier and more kindly.

export const limits = { name: 32, room: 32, text: 2000, rooms: 20 }

const controls = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u
const textControls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu

/** Number of characters as the server counts them: code points. */
export const lengthOf = (text) => [...text].length

/** One space between words, none around. */
export const cleanName = (text) => text.normalize('NFC').replace(/\s+/gu, ' ').trim()

/** What a name lacks, or '' if it is fine. @param {string} name already clean */
export function nameProblem(name) {
  if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(name)) return 'Please write a name with at least one letter or digit.'
  if (lengthOf(name) > limits.name) return `A name has at most ${limits.name} characters.`
  if (controls.test(name)) return 'This name has an invisible character in it.'
  return ''
}

/** "My Room!" -> "my-room": what somebody who types a title means. */
export const cleanRoom = (text) => text.trim().replace(/^#/, '').toLowerCase().replace(/[\s_]+/gu, '-')

/** What a room name lacks, or '' if it is fine. @param {string} room already clean */
export function roomProblem(room) {
  if (!room) return 'Please write the name of a room.'
  if (room.length > limits.room) return `The name of a room has at most ${limits.room} characters.`
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(room)) return 'Use letters a–z, digits, and single hyphens between them.'
  return ''
}

/** The text as it will be sent: line ends unified, no control characters, no blank edges. */
export const cleanText = (text) => text.replace(/\r\n?/g, '\n').replace(textControls, '').replace(/^\s*\n|\s+$/gu, '')

/**
 * An id for a message (or this browser): version 4 UUID. `randomUUID` exists only
 * on https and localhost; a phone in the same network opens the page over http.
 */
export function makeId(random = crypto) {
  if (random.randomUUID) return random.randomUUID()
  const bytes = random.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
