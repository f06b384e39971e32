// The chat: joins what the server says (Session), what is known (Room), what is on
// its way (Outbox) and what is shown (the views).

import { byId } from './dom.js'
import { Composer } from './composer.js'
import { LogView } from './logView.js'
import { NameDialog } from './nameDialog.js'
import { Outbox } from './outbox.js'
import { Room } from './room.js'
import { limits, makeId, nameProblem } from './rules.js'
import { Session } from './session.js'
import { Drawers, RoomsView, showPeople } from './sidebar.js'
import { StatusView } from './status.js'
import { outboxStore, profile } from './store.js'
import { fillAvatar, nameList } from './text.js'

const forgetTypingAfter = 6000

class Chat {
  #name = ''
  #rooms = new Map()
  #active = null
  #directory = []
  #key = profile.key(() => makeId())

  #drawers = new Drawers()
  #dialog = new NameDialog((name) => this.#takeName(name))
  #status = new StatusView({ onTryNow: () => this.#session.retryNow() })
  #roomsView = new RoomsView({ onOpen: (room) => this.#choose(room), onLeave: (room) => this.#leave(room) })
  #log = new LogView({
    onEarlier: () => this.#loadEarlier(),
    onRetry: (id) => this.#outbox.retry(id),
    onDiscard: (id) => this.#outbox.discard(id),
  })
  #composer = new Composer({
    onSend: (text) => this.#say(text),
    onTyping: (room, isTyping) => this.#session.notify('typing', room, isTyping),
  })
  #outbox = new Outbox({
    store: outboxStore,
    send: ({ room, id, text }) => this.#session.request('message', room, id, text),
    isReady: ({ room }) => this.#rooms.get(room)?.isJoined === true,
    onChange: ({ room, state, problem }) => {
      this.#showLog(room)
      if (state === 'failed' && room !== this.#active.name) this.#status.error(`In #${room}: ${problem}`)
    },
    onConfirmed: ({ id, room, name, text }, { seq, at }) => this.#add({ id, room, name, text, seq, at }),
  })
  #session = new Session({
    auth: () => ({ name: this.#name, key: this.#key }),
    onState: (state) => this.#stateChanged(state),
    onRefused: ({ message, suggestion }) => this.#askName(message, suggestion),
    on: {
      welcome: (welcome) => this.#welcomed(welcome),
      room: ({ name, open }) => this.#setDirectory(withOrWithout(this.#directory, name, open)),
      message: (message) => this.#received(message),
      member: ({ room, name, here }) => this.#memberChanged(room, name, here),
      typing: ({ room, name, typing }) => this.#typingChanged(room, name, typing),
    },
  })

  start() {
    for (const name of profile.rooms.slice(0, limits.rooms)) this.#rooms.set(name, new Room(name))
    if (this.#rooms.size === 0) this.#rooms.set('lobby', new Room('lobby'))
    this.#activate(this.#rooms.has(profile.active) ? profile.active : [...this.#rooms.keys()][0])
    byId('rename').addEventListener('click', () => this.#dialog.ask({ name: this.#name, canCancel: true }))
    document.addEventListener('visibilitychange', () => this.#seen())
    setInterval(() => this.#showTyping(), 1000)
    if (nameProblem(profile.name)) this.#dialog.ask({})
    else this.#takeName(profile.name)
  }

  // ---- who am I

  #askName(problem, suggestion) {
    this.#dialog.ask({ name: suggestion ?? this.#name, problem })
  }

  #takeName(name) {
    if (name === this.#name && this.#session.isConnected) return
    this.#setName(name)
    this.#session.start()
    this.#composer.focus()
  }

  #setName(name) {
    this.#outbox.setName(name, this.#name === name ? '' : this.#name)
    this.#name = name
    profile.name = name
    byId('my-name').textContent = name
    fillAvatar(byId('my-avatar'), name)
    this.#showLog()
  }

  #welcomed({ name, rooms }) {
    if (name !== this.#name) this.#setName(name)
    this.#setDirectory(rooms)
  }

  // ---- connection

  #stateChanged(state) {
    this.#status.show(state)
    for (const room of this.#rooms.values()) room.suspend()
    this.#showPeople()
    this.#showTyping()
    if (state !== 'connected') return this.#outbox.pause()
    // The open room first: it is what somebody looks at.
    this.#join(this.#active)
    for (const room of this.#rooms.values()) if (room !== this.#active) this.#join(room)
  }

  async #join(room) {
    const answer = await this.#ask('join', room.name)
    if (this.#rooms.get(room.name) !== room || !answer) return
    if (!answer.ok) return this.#forget(room)
    room.enter(answer)
    for (const message of answer.messages) this.#outbox.confirm(message.id, message)
    this.#outbox.resume()
    this.#showRoom(room)
  }

  /** The answer, or null if there is none; what is wrong is shown. */
  async #ask(event, ...args) {
    try {
      const answer = await this.#session.request(event, ...args)
      if (!answer.ok) this.#status.error(answer.error)
      return answer
    } catch (error) {
      // A lost connection has its own notice, and everything is asked again after it.
      if (this.#session.isConnected) this.#status.error(error.message)
      return null
    }
  }

  // ---- rooms

  #setDirectory(rooms) {
    this.#directory = rooms
    this.#showRooms()
  }

  #choose(name) {
    if (!this.#rooms.has(name)) {
      if (this.#rooms.size >= limits.rooms) {
        return this.#roomsView.showProblem(`You can be in ${limits.rooms} rooms at a time: leave one first.`)
      }
      const room = new Room(name)
      this.#rooms.set(name, room)
      if (this.#session.isConnected) this.#join(room)
    }
    this.#activate(name)
    this.#drawers.close()
    this.#composer.focus()
  }

  #leave(name) {
    const room = this.#rooms.get(name)
    if (room.isJoined) this.#ask('leave', name)
    this.#forget(room)
  }

  // There is always a room to be in.
  #forget(room) {
    this.#rooms.delete(room.name)
    if (this.#rooms.size === 0) {
      const lobby = new Room('lobby')
      this.#rooms.set('lobby', lobby)
      if (room.name !== 'lobby' && this.#session.isConnected) this.#join(lobby)
    }
    this.#activate(room === this.#active ? [...this.#rooms.keys()][0] : this.#active.name)
  }

  #activate(name) {
    this.#active = this.#rooms.get(name)
    profile.active = name
    profile.rooms = [...this.#rooms.keys()]
    byId('room-title').querySelector('bdi').textContent = name
    this.#composer.setRoom(name)
    this.#showLog()
    this.#showPeople()
    this.#showTyping()
    this.#seen()
  }

  async #loadEarlier() {
    const room = this.#active
    const answer = await this.#ask('history', room.name, room.oldest ?? 0)
    if (!answer?.ok) return
    if (room === this.#active) this.#log.holdPosition()
    room.addEarlier(answer)
    this.#showLog(room.name)
  }

  // ---- messages

  #say(text) {
    const room = this.#active.name
    this.#outbox.add({ id: makeId(), room, name: this.#name, text, at: Date.now() })
    this.#log.toBottom()
  }

  #received(message) {
    this.#outbox.confirm(message.id, message)
    this.#add(message)
  }

  #add(message) {
    const room = this.#rooms.get(message.room)
    if (!room?.add(message)) return
    const isOpen = room === this.#active
    if (message.name !== this.#name) {
      if (!isOpen || document.hidden) ++room.unread
      if (isOpen) this.#log.countUnseen()
    }
    if (!isOpen || this.#log.isAtBottom) room.trim()
    this.#showRooms()
    this.#showLog(room.name)
    this.#showTyping()
  }

  /** What is in front of somebody's eyes is read. */
  #seen() {
    if (!document.hidden) this.#active.unread = 0
    this.#showRooms()
  }

  // ---- people

  #memberChanged(name, member, isHere) {
    const room = this.#rooms.get(name)
    if (!room) return
    room.setMember(member, isHere)
    if (room === this.#active) this.#showPeople()
    this.#showTyping()
  }

  #typingChanged(name, who, isTyping) {
    if (who !== this.#name) this.#rooms.get(name)?.setTyping(who, isTyping, Date.now() + forgetTypingAfter)
    this.#showTyping()
  }

  // ---- views

  #showRoom(room) {
    this.#showRooms()
    if (room !== this.#active) return
    this.#showLog()
    this.#showPeople()
    this.#showTyping()
  }

  #showRooms() {
    const mine = [...this.#rooms.values()]
    this.#roomsView.show(mine, this.#directory.filter((name) => !this.#rooms.has(name)), this.#active.name)
    const unread = mine.reduce((sum, room) => sum + room.unread, 0)
    document.title = `${unread ? `(${unread}) ` : ''}#${this.#active.name} · banter chat`
  }

  #showLog(name = this.#active.name) {
    if (name === this.#active.name) this.#log.show(this.#active, this.#outbox.of(name), this.#name)
  }

  #showPeople() { showPeople(this.#active, this.#name) }

  #showTyping() {
    const names = this.#active.typingNames(Date.now())
    const text = names.length ? `${nameList(names)} ${names.length === 1 ? 'is' : 'are'} typing` : ''
    if (byId('typing').textContent !== text) byId('typing').textContent = text
  }
}

const withOrWithout = (names, name, isIn) => [...names.filter((one) => one !== name), ...(isIn ? [name] : [])].sort()

if (typeof io === 'function') new Chat().start()
else {
  byId('error-text').textContent = 'The client library is missing: /socket.io/socket.io.js was not served. ' +
    'Build the server with the option BANTER_CLIENT.'
  byId('error-notice').hidden = false
}
