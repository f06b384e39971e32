// Messages of one Engine.IO session in, Socket.IO packets out.
//
//   idle -- text with attachments --> collecting -- last attachment --> idle

import { decode, invalid } from './packet.js'

export class Decoder {
  #maxAttachments
  /** @type {ReturnType<typeof decode> | undefined} the packet that waits for attachments */
  #open
  /** @type {ArrayBuffer[]} */
  #attachments = []

  /** @param {number} maxAttachments a packet that announces more is invalid */
  constructor(maxAttachments) {
    this.#maxAttachments = maxAttachments
  }

  /**
   * Throws on invalid input; the session is then out of step and must be closed.
   * @param {string | ArrayBuffer} message
   * @returns {import('./packet.js').Packet | undefined} a packet, if one is complete now
   */
  add(message) {
    return typeof message === 'string' ? this.#addText(message) : this.#addBinary(message)
  }

  /** @param {string} text */
  #addText(text) {
    if (this.#open) return invalid('text among attachments')
    const decoded = decode(text, this.#maxAttachments)
    if (!decoded.count) return decoded
    this.#open = decoded
  }

  /** @param {ArrayBuffer} bytes */
  #addBinary(bytes) {
    if (!this.#open) return invalid('stray attachment')
    if (this.#attachments.push(bytes) < this.#open.count) return
    const packet = this.#open
    for (const { holder, key, num } of packet.slots) holder[key] = this.#attachments[num]
    this.#open = undefined
    this.#attachments = []
    return packet
  }
}
