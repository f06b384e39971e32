// The log of the room that is open: day lines, groups of messages by one person,
// the state of own messages, and where the reader is.

import { byId, make, makeName, reconcile } from './dom.js'
import { clock, dayLabel, dayOf, exactTime, fillAvatar, fillText, isOnlyEmoji } from './text.js'

const groupWithin = 5 * 60_000
const nearBottom = 60

const stateText = {
  delivered: 'delivered',
  sending: 'sending…',
  queued: 'not sent yet',
  failed: 'not sent',
}

/**
 * Rows in the order shown.
 * @param {object[]} messages @param {object[]} pending entries of the outbox @param {string} me
 */
export function rowsOf(messages, pending, me) {
  const rows = []
  let last = null
  for (const item of [...messages, ...pending]) {
    const isNewDay = !last || dayOf(last.at) !== dayOf(item.at)
    if (isNewDay) rows.push({ key: `day ${dayOf(item.at)} ${item.id}`, day: item.at })
    const isOwn = item.name === me
    rows.push({
      key: item.id,
      item,
      isOwn,
      isContinued: !isNewDay && last.name === item.name && item.at - last.at < groupWithin,
      state: item.state ?? (isOwn ? 'delivered' : ''),
    })
    last = item
  }
  return rows
}

export class LogView {
  #scroller = byId('log')
  #items = byId('items')
  #jump = byId('jump')
  #room = null
  #unseen = 0
  #isFollowing = true
  #onRetry
  #onDiscard

  constructor({ onEarlier, onRetry, onDiscard }) {
    this.#onRetry = onRetry
    this.#onDiscard = onDiscard
    byId('earlier').addEventListener('click', onEarlier)
    this.#jump.addEventListener('click', () => this.toBottom())
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    new ResizeObserver(() => this.#isFollowing && this.toBottom()).observe(this.#scroller)
  }

  get isAtBottom() { return this.#isFollowing }

  /** @param {import('./room.js').Room} room @param {object[]} pending @param {string} me */
  show(room, pending, me) {
    const isOther = room !== this.#room
    if (isOther) this.#open(room)
    const before = this.#scroller.scrollHeight - this.#scroller.scrollTop
    const rows = rowsOf(room.messages, pending, me)
    reconcile(this.#items, rows, (row) => this.#create(row), (element, row) => this.#update(element, row))
    byId('earlier').hidden = !room.hasMore || !room.isJoined
    byId('empty').hidden = rows.length > 0 || !room.isJoined
    byId('empty').textContent = `Nothing has been said in #${room.name} yet. Say hello!`
    if (this.#isFollowing) this.toBottom()
    else this.#scroller.scrollTop = this.#scroller.scrollHeight - before
    if (isOther) requestAnimationFrame(() => this.#scroller.setAttribute('aria-busy', 'false'))
  }

  /** A message has come while the reader may be further up. */
  countUnseen() {
    if (this.#isFollowing) return
    ++this.#unseen
    this.#showJump()
  }

  /** Older messages appear above: what is being read stays where it is. */
  holdPosition() { this.#isFollowing = false }

  toBottom() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#isFollowing = true
    this.#unseen = 0
    this.#showJump()
  }

  #open(room) {
    this.#room = room
    this.#scroller.setAttribute('aria-busy', 'true')
    this.#scroller.setAttribute('aria-label', `Messages in ${room.name}`)
    this.#items.replaceChildren()
    this.#isFollowing = true
    this.#unseen = 0
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < nearBottom
    if (this.#isFollowing) this.#unseen = 0
    this.#showJump()
  }

  #showJump() {
    this.#jump.hidden = this.#isFollowing
    byId('jump-text').textContent = this.#unseen ? `${this.#unseen} new` : 'Newest'
  }

  #create(row) {
    if (row.day) return this.#createDay(row)
    const { item } = row
    const element = make('div', 'message')
    const avatar = make('span', 'avatar')
    avatar.setAttribute('aria-hidden', 'true')
    fillAvatar(avatar, item.name)
    const bubble = make('div', 'bubble')
    const author = make('p', 'author')
    author.append(makeName(item.name))
    const text = make('p', 'text')
    text.dir = 'auto'
    fillText(text, item.text)
    text.classList.toggle('large', isOnlyEmoji(item.text))
    const meta = make('p', 'meta')
    meta.setAttribute('aria-live', 'off')  // "sending", "delivered" would be read out each time
    bubble.append(author, text, meta)
    element.append(avatar, bubble)
    return element
  }

  #createDay(row) {
    const element = make('div', 'day')
    element.append(make('span', '', dayLabel(row.day)))
    return element
  }

  #update(element, row) {
    if (row.day) return
    element.classList.toggle('own', row.isOwn)
    element.classList.toggle('continued', row.isContinued)
    const shown = `${row.state} ${row.item.at}`
    if (element.dataset.shown === shown) return
    element.dataset.shown = shown
    element.dataset.state = row.state
    element.querySelector('.meta').replaceChildren(...this.#meta(row))
  }

  #meta({ item, state }) {
    const time = make('time', '', clock(item.at))
    time.dateTime = new Date(item.at).toISOString()
    time.title = exactTime(item.at)
    if (!state) return [time]
    const parts = [time, make('span', 'state', stateText[state])]
    if (state !== 'failed') return parts
    const problem = make('span', 'problem', item.problem)
    problem.setAttribute('role', 'alert')
    parts.push(problem)
    parts.push(this.#action('Try again', () => this.#onRetry(item.id)))
    parts.push(this.#action('Discard', () => this.#onDiscard(item.id)))
    return parts
  }

  #action(label, run) {
    const button = make('button', 'link', label)
    button.type = 'button'
    button.addEventListener('click', run)
    return button
  }
}
