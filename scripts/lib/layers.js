// Which file may include which: the layers point down, include/ names nothing in src/.
import { basename, dirname } from 'node:path'

// What each layer may include besides itself and the values of include/banter.
const below = {
  base: [],
  loop: ['base'],
  http: ['base', 'loop'],
  websocket: ['base', 'loop', 'http'],
  engine: ['base', 'loop', 'http', 'websocket'],
  socketio: ['base', 'loop', 'engine'],
  adapters: ['base', 'loop', 'socketio'],
  server: ['base', 'loop', 'http', 'websocket', 'engine', 'socketio', 'adapters']
}

// From some layers a higher one sees only these headers: socketio knows the link and its values, not the transports.
const visible = {
  socketio: { engine: ['error', 'handshake', 'handshake_record', 'link', 'packet', 'payload', 'session_id', 'settings'] },
  adapters: { socketio: ['adapter', 'packet', 'packet_reader', 'packet_writer'] }
}

// The headers of include/banter that only applications and src/server include; all others there are values.
const facade = ['admission', 'banter', 'broadcast', 'engine', 'http', 'namespace', 'options', 'remote_socket', 'server', 'socket']

// Files that speak a protocol; src/server has none.
const protocolFile = /(^|_)(reader|writer|parser)$|^(packet|payload|handshake)$/
const stem = (path) => basename(path).replace(/\.\w+$/, '')

/**
 * The includes of a C++ file that its place does not allow.
 * @param {string} path relative to the repository
 * @param {string} text the file's content
 * @returns {{line: number, why: string}[]}
 */
export function findLayerErrors(path, text) {
  const check = rulesFor(path)
  return includesOf(text).flatMap(({ line, name, isQuoted }) => {
    const why = check(name, isQuoted)
    return why ? [{ line, why: `${isQuoted ? `"${name}"` : `<${name}>`}: ${why}` }] : []
  })
}

function includesOf(text) {
  return text.split('\n').flatMap((content, index) => {
    const found = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(content)
    return found ? [{ line: index + 1, name: found[2], isQuoted: found[1] === '"' }] : []
  })
}

// A function of an include's name and kind that answers what is wrong with it, or null.
function rulesFor(path) {
  const [top, second] = path.split('/')
  if (top === 'include') return publicHeader(path)
  if (top === 'src' && second in below) return layerFile(path, second)
  if (top === 'src') return () => `src/${second} is not a layer`
  if (top === 'examples' || path.startsWith('tests/servers/')) return application
  return () => null
}

function publicHeader(path) {
  const isFacade = facade.includes(stem(path))
  return (name) => {
    const [folder] = name.split('/')
    if (folder in below) return 'a public header names no header of src/'
    if (/^(uv\.h|llhttp\.h|openssl\/|zlib\.h)/.test(name)) return 'a public header needs nothing but the standard library and nlohmann'
    if (folder === 'banter' && !isFacade && facade.includes(stem(name))) return 'a value does not include the facade'
    return null
  }
}

function layerFile(path, layer) {
  const isProtocol = layer !== 'server' && protocolFile.test(stem(path))
  return (name, isQuoted) => {
    const [folder] = name.split('/')
    if (folder === 'banter') {
      return facade.includes(stem(name)) && layer !== 'server' ? 'only src/server includes the facade' : null
    }
    if (!isQuoted) return null
    if (!(folder in below) || dirname(name) === '.') return 'written as "layer/file.h"'
    if (folder === layer) return null
    if (!below[layer].includes(folder)) return `${layer} does not include ${folder}`
    if (isProtocol && folder !== 'base') return `a file that speaks a protocol includes only base and ${layer}`
    const shown = visible[layer]?.[folder]
    return shown && !shown.includes(stem(name)) ? `of ${folder}, ${layer} sees only ${shown.join(', ')}` : null
  }
}

function application(name) {
  return name.split('/')[0] in below ? 'an application includes only the public headers' : null
}
