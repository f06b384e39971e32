// What the browser keeps. A browser may refuse storage (private mode, full
// disk); then everything works until the tab is closed.

const memory = new Map()

function read(area, key) {
  try {
    return area().getItem(key) ?? memory.get(key) ?? null
  } catch {
    return memory.get(key) ?? null
  }
}

function write(area, key, value) {
  try {
    area().setItem(key, value)
    memory.delete(key)
  } catch {
    memory.set(key, value)
  }
}

const local = () => localStorage
const session = () => sessionStorage

function parse(text, otherwise) {
  try {
    return JSON.parse(text) ?? otherwise
  } catch {
    return otherwise
  }
}

/**
 * Name and rooms belong to the tab first (two tabs may be two people), and to the
 * browser for the next tab.
 */
export const profile = {
  get name() { return read(session, 'chat.name') ?? read(local, 'chat.name') ?? '' },
  set name(name) {
    write(session, 'chat.name', name)
    write(local, 'chat.name', name)
  },

  /** Proves to the server that a returning connection is the same person. */
  key(make) {
    const key = read(local, 'chat.key') ?? make()
    write(local, 'chat.key', key)
    return key
  },

  get rooms() {
    const rooms = parse(read(session, 'chat.rooms') ?? read(local, 'chat.rooms'), ['lobby'])
    return Array.isArray(rooms) ? rooms.filter((room) => typeof room === 'string') : ['lobby']
  },
  set rooms(rooms) {
    write(session, 'chat.rooms', JSON.stringify(rooms))
    write(local, 'chat.rooms', JSON.stringify(rooms))
  },

  get active() { return read(session, 'chat.active') ?? '' },
  set active(room) { write(session, 'chat.active', room) },
}

const outboxPrefix = 'chat.outbox.'

/** Messages not yet confirmed: a key each, so that tabs do not overwrite each other's. */
export const outboxStore = {
  load() {
    const entries = []
    try {
      for (let i = 0; i < localStorage.length; ++i) {
        const key = localStorage.key(i)
        if (key.startsWith(outboxPrefix)) entries.push(parse(localStorage.getItem(key), null))
      }
    } catch { /* no storage: nothing was kept */ }
    return entries.filter(isEntry).sort((a, b) => a.at - b.at)
  },
  save(entry) { write(local, outboxPrefix + entry.id, JSON.stringify(entry)) },
  remove(id) {
    memory.delete(outboxPrefix + id)
    try {
      localStorage.removeItem(outboxPrefix + id)
    } catch { /* was only in memory */ }
  },
}

const isEntry = (entry) => entry !== null && typeof entry === 'object' &&
  ['id', 'room', 'name', 'text'].every((field) => typeof entry[field] === 'string') && Number.isFinite(entry.at)
