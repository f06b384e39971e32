// Socket.IO packets (protocol revision 5) as text, without the Engine.IO type in front.
//
//   packet = type [ count "-" ] [ nsp "," ] [ id ] [ json ]

import { placeholders, replaceBinary } from './binary.js'

export const CONNECT = 0
export const DISCONNECT = 1
export const EVENT = 2
export const ACK = 3
export const CONNECT_ERROR = 4
export const BINARY_EVENT = 5
export const BINARY_ACK = 6

/**
 * @typedef {object} Packet
 * @property {number} type
 * @property {string} nsp
 * @property {number} [id]
 * @property {any} [data]
 */

/** @typedef {[string, ...import('./binary.js').Binary[]]} Messages the text and what goes right behind it */

const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']

/**
 * Names that both sides use for their own events.
 * @param {string} name
 */
export const isReserved = (name) => reserved.includes(name)

/**
 * Throws what `JSON.stringify` throws (circular data, BigInt).
 * @param {Packet} packet with type EVENT or ACK also for data that holds binary values
 * @returns {Messages}
 */
export function encode({ type, nsp, id, data }) {
  /** @type {import('./binary.js').Binary[]} */
  const attachments = []
  const json = data === undefined ? '' : JSON.stringify(data, replaceBinary(attachments))
  const count = attachments.length
  const head = count ? `${type + BINARY_EVENT - EVENT}${count}-` : type
  return [`${head}${nsp === '/' ? '' : nsp + ','}${id ?? ''}${json}`, ...attachments]
}

// What is legal: type, # if there is an id, first character of the payload (so no white
// space in front of it, which JSON itself would allow).
const legal = /^(0\{?|1|[25]#?\[|[36]#\[|4[{"])$/

/**
 * Reads the text of a packet, strictly; throws an Error for anything else.
 * @param {string} text
 * @param {number} maxAttachments
 * @returns {Packet & { count: number, slots: import('./binary.js').Slot[] }}
 *     `count` attachments follow, which belong into `slots`
 */
export function decode(text, maxAttachments) {
  // The head has one reading only; all behind it must be JSON.
  const [head, first, announced = 0, nsp = '/', digits = ''] =
    /^([0-6])(?:([1-9]\d?)-)?(?:(\/[^,]*)(?:,|$))?(\d{1,16})?/.exec(text) ?? invalid(text)
  const type = Number(first)
  const count = Number(announced)
  const id = Number(digits)
  const json = text.slice(head.length)
  /** @type {import('./binary.js').Slot[]} */
  const slots = []
  const data = json ? JSON.parse(json, placeholders(slots, count)) : undefined
  const isLegal = legal.test(first + (digits && '#') + json.charAt(0))
    && count > 0 === type >= BINARY_EVENT && count <= maxAttachments
    && Number.isSafeInteger(id)
    && (type % 3 !== EVENT || hasName(data))
  return isLegal ? { type, nsp, id: digits ? id : undefined, data, count, slots } : invalid(text)
}

/**
 * Whether an event's name is one. A number is made a string.
 * @param {any[]} data
 */
function hasName(data) {
  if (typeof data[0] === 'number') data[0] = String(data[0])
  return typeof data[0] === 'string' && !isReserved(data[0])
}

/**
 * @param {unknown} what
 * @returns {never}
 */
export function invalid(what) {
  throw new Error(`invalid packet: ${String(what).slice(0, 99)}`)
}
