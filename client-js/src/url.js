// What a URL means to `io()`: where to connect, and which namespace to join there.

/**
 * @typedef {object} Target
 * @property {string} origin `ws://host:port` or `wss://host:port`, default ports left out
 * @property {string} namespace
 * @property {string} query without the question mark
 */

/**
 * Accepts http, https, ws and wss URLs, and what a page may leave out of them:
 * the scheme, the host, or everything. Throws a TypeError for anything else.
 * @param {string} [input]
 * @param {{ protocol: string, host: string }} [page] the page's `location`
 * @returns {Target}
 */
export function parseUrl(input = '', page = globalThis.location) {
  let url = input
  // "/chat" and "" are on the page's own host; "//host" and "host:3000" only lack the scheme.
  if (!/^\w+:\/\//.test(url)) {
    if (!/^\/\/|^[^/?#]/.test(url)) url = `//${page?.host ?? ''}${url}`
    url = `${page?.protocol ?? 'https:'}//${url.replace(/^\/\//, '')}`
  }
  // Not all by URL: a namespace is any text, and must arrive as it was written.
  const [, secure, authority, path, query = ''] = /^(?:http|ws)(s?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/.exec(url) ?? []
  if (!authority || path.includes(',')) throw new TypeError(`"${input}" is not the URL of a namespace`)
  // Without user, password and default port. Throws if the authority is malformed.
  const { host } = new URL(`http${secure}://${authority}`)
  return { origin: `ws${secure}://${host}`, namespace: path || '/', query }
}

/**
 * The address of an Engine.IO session.
 * @param {Target} target
 * @param {{ path?: string, query?: Record<string, any> | string }} options
 *     a parameter in `query` wins over one of the same name in the URL
 */
export function sessionUrl({ origin, query }, { path, query: more }) {
  const parameters = new URLSearchParams(query)
  for (const [name, value] of new URLSearchParams(more)) parameters.set(name, value)
  parameters.set('EIO', '4')
  parameters.set('transport', 'websocket')
  return `${origin}${requestPath(path)}?${parameters}`
}

/** @returns {string} `path` with one slash in front and behind */
export function requestPath(path = '/socket.io/') {
  return `/${path}/`.replace(/^\/+|\/+$/g, '/')
}
