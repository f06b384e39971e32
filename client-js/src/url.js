// What a URL means to `io()`: where to connect, and which namespace to join there.

/**
 * @typedef {object} Target
 * @property {string} origin `ws://host:port` or `wss://host:port`, default ports left out
 * @property {string} namespace
 * @property {string} query without the question mark
 */

// scheme, host, namespace and query; any of them may be missing
const url = /^(?:(?:(?:http|ws)(s?):)?\/\/)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/

/**
 * Accepts http, https, ws and wss URLs, and what a page may leave out of them:
 * the scheme, the host, or everything. Throws a TypeError for anything else.
 *
 * Not all by class URL: a namespace is any text, and must arrive as it was written.
 * @param {string} [input]
 * @param {{ protocol: string, host: string }} [page] the page's `location`
 * @returns {Target}
 */
export function parseUrl(input = '', page = globalThis.location) {
  const [, scheme, given, path, query = ''] = url.exec(input) ?? []
  const authority = given || (scheme === undefined && page?.host)
  // A comma would end the namespace in a packet; two slashes are of a scheme we do not know.
  if (!authority || /^\/\/|,/.test(path)) throw new TypeError(`"${input}" is not the URL of a namespace`)
  const secure = scheme ?? (page?.protocol === 'http:' ? '' : 's')
  // Without user, password and default port. Throws if the authority is malformed.
  const { host } = new URL(`http${secure}://${authority}`)
  return { origin: `ws${secure}://${host}`, namespace: path || '/', query }
}

/**
 * The address of an Engine.IO session.
 * @param {Target} target
 * @param {{ path?: string, query?: Record<string, any> }} options
 *     a parameter in `query` wins over one of the same name in the URL
 */
export function sessionUrl({ origin, query }, { path, query: more }) {
  const given = Object.fromEntries(new URLSearchParams(query))
  const parameters = new URLSearchParams({ ...given, ...more, EIO: '4', transport: 'websocket' })
  return `${origin}${requestPath(path)}?${parameters}`
}

/** @returns {string} `path` with one slash in front and behind */
export function requestPath(path = '/socket.io/') {
  return `/${path}/`.replace(/^\/+|\/+$/g, '/')
}
