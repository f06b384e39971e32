// Asks for a name. Without one there is no chat; with one it can be cancelled.

import { byId } from './dom.js'
import { cleanName, nameProblem } from './rules.js'

export class NameDialog {
  #dialog = byId('name-dialog')
  #input = byId('name')
  #onName

  /** @param {(name: string) => void} onName a name that passes the page's rules */
  constructor(onName) {
    this.#onName = onName
    byId('name-form').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#input.addEventListener('input', () => this.#showProblem(''))
    byId('name-cancel').addEventListener('click', () => this.#dialog.close())
    this.#dialog.addEventListener('cancel', (event) => {
      if (byId('name-cancel').hidden) event.preventDefault()
    })
  }

  ask({ name = '', problem = '', canCancel = false }) {
    byId('name-cancel').hidden = !canCancel
    this.#input.value = name
    if (!this.#dialog.open) this.#dialog.showModal()
    this.#showProblem(problem)
    this.#input.focus()
    this.#input.select()
  }

  #submit() {
    const name = cleanName(this.#input.value)
    const problem = nameProblem(name)
    this.#showProblem(problem)
    if (problem) return this.#input.focus()
    this.#dialog.close()
    this.#onName(name)
  }

  #showProblem(text) {
    byId('name-error').textContent = text
    this.#input.toggleAttribute('aria-invalid', text !== '')
  }
}
