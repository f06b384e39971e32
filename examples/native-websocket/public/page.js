import { Events } from './events.js'

const byId = (id) => document.getElementById(id)
const pointers = new Map()
const events = new Events(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`)

events.on('connect', () => { byId('state').textContent = 'connected' })
events.on('disconnect', () => { byId('state').textContent = 'disconnected: reload the page to try again' })

events.on('move', (id, x, y) => {
  if (!pointers.has(id)) pointers.set(id, makePointer())
  pointers.get(id).style.translate = `${x * innerWidth}px ${y * innerHeight}px`
})

events.on('gone', (id) => {
  pointers.get(id)?.remove()
  pointers.delete(id)
})

addEventListener('pointermove', ({ clientX, clientY }) => {
  events.emit('move', clientX / innerWidth, clientY / innerHeight)
})

byId('sum').addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = await events.ask('add', byId('a').valueAsNumber, byId('b').valueAsNumber)
    .catch((error) => error.message)
  byId('answer').textContent = `= ${answer}`
})

function makePointer() {
  const pointer = document.createElement('div')
  pointer.className = 'pointer'
  pointer.style.background = `hsl(${(pointers.size * 137.508) % 360} 75% 50%)`
  document.body.append(pointer)
  return pointer
}
