// Binary values inside JSON. Each is replaced by {"_placeholder":true,"num":k} and
// travels behind the text as attachment k.

/** @typedef {ArrayBuffer | ArrayBufferView | Blob} Binary */

/**
 * A place in decoded data where attachment `num` belongs.
 * @typedef {{ holder: any, key: string, num: number }} Slot
 */

/**
 * By tag rather than `instanceof`: values may come from another frame or realm.
 * @param {any} value an object
 * @returns {value is Binary}
 */
export function isBinary(value) {
  return ArrayBuffer.isView(value) || /^(ArrayBuffer|Blob|File)$/.test(value[Symbol.toStringTag])
}

/**
 * A replacer for `JSON.stringify`, which walks depth first, in array and key order.
 * @param {Binary[]} attachments gets the binary values; one met twice counts twice
 * @returns {(this: any, key: string, value: unknown) => unknown}
 */
export function replaceBinary(attachments) {
  return function (key, value) {
    // Not `value`: a Buffer's toJSON has already run for that.
    const raw = this[key]
    if (typeof raw !== 'object' || raw === null || !isBinary(raw)) return value
    return { _placeholder: true, num: attachments.push(raw) - 1 }
  }
}

/**
 * A reviver for `JSON.parse` that notes where the attachments belong and throws
 * if a placeholder names one that will not come.
 * @param {Slot[]} slots
 * @param {number} count without attachments a placeholder is ordinary data
 * @returns {((this: any, key: string, value: any) => any) | undefined}
 */
export function placeholders(slots, count) {
  return count === 0 ? undefined : function (key, value) {
    if (value?._placeholder === true) {
      const { num } = value
      if (!Number.isInteger(num) || num < 0 || num >= count) throw new Error('bad placeholder')
      slots.push({ holder: this, key, num })
    }
    return value
  }
}
