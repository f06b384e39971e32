const byId = (id) => document.getElementById(id)
const show = (text) => { byId('state').textContent = text }

let token = null // kept by this page alone: gone when it is
let timer

const login = io('/login')
const session = io('/', { autoConnect: false, auth: (use) => use({ token }) })

byId('login').addEventListener('submit', async (event) => {
  event.preventDefault()
  show('…')
  const answer = await login.timeout(10_000).emitWithAck('login', byId('name').value, byId('password').value)
    .catch(() => null)
  if (!answer) return show('Wrong name or password.')
  keep(answer)
  session.disconnect().connect()
})

session.on('welcome', (name) => {
  show(`Logged in as ${name}.`)
  byId('refresh').disabled = false
})
session.on('logged out', (why) => { show(`Logged out: ${why}.`) })
session.on('disconnect', () => { byId('refresh').disabled = true })
session.on('connect_error', (error) => {
  if (!session.active) show(`Not let in: ${error.message}.`) // else it tries again by itself
})

byId('refresh').addEventListener('click', refresh)

async function refresh() {
  const answer = await session.timeout(10_000).emitWithAck('refresh', token).catch(() => null)
  if (!answer) return
  keep(answer)
  show('The token is a new one.')
}

function keep(answer) {
  token = answer.token
  clearTimeout(timer)
  timer = setTimeout(() => { if (byId('automatic').checked && session.connected) refresh() }, answer.expires_in * 2 / 3)
}
