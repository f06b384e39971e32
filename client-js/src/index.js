// banter-client: Socket.IO over WebSocket, with the names of socket.io-client.

import { Manager } from './manager.js'
import { Socket } from './socket.js'
import { parseUrl, requestPath } from './url.js'

/** @typedef {import('./manager.js').ManagerOptions} ManagerOptions */
/** @typedef {import('./socket.js').SocketOptions} SocketOptions */

/**
 * @typedef {object} SharingOptions
 * @property {boolean} [forceNew] a connection of its own. Default false
 * @property {boolean} [multiplex] share the connection with other namespaces. Default true
 */

/** @typedef {ManagerOptions & SocketOptions & SharingOptions} Options */

/** @type {Map<string, Manager>} */
const managers = new Map()

/**
 * Connects to the namespace that the path of `url` names. The first call for a scheme, host,
 * port and request path makes the connection, with its options; later ones for other namespaces
 * share it. Throws a TypeError for a bad URL or option.
 * @param {string | Options} [url] default: the page's own host
 * @param {Options} [options]
 * @returns {Socket}
 */
export function io(url, options = {}) {
  if (typeof url === 'object' && url !== null) return io(undefined, url)
  const { origin, namespace } = parseUrl(url)
  const key = origin + requestPath(options.path)
  let manager = managers.get(key)
  if (options.forceNew || options.multiplex === false || manager?._has(namespace)) {
    manager = new Manager(url, options)
  } else if (!manager) {
    manager = new Manager(url, options)
    managers.set(key, manager)
  }
  return manager.socket(namespace, options)
}

/** Revision of the Socket.IO protocol. */
export const protocol = 5

export { io as connect, io as default, Manager, Socket }
