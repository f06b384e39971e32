// Small helpers for the page.

export const byId = (id) => document.getElementById(id)

/** @param {string} tag @param {string} className @param {string} [text] */
export function make(tag, className = '', text = undefined) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

/** A name somebody chose: isolated, so that its direction stays its own. */
export function makeName(name, className = '') {
  return make('bdi', className, name)
}

/**
 * Makes the children of `parent` match `rows`, keeping the element of each key: the
 * focus stays, and a screen reader hears only what is new.
 * @template Row
 * @param {Element} parent
 * @param {(Row & { key: string })[]} rows
 * @param {(row: Row) => Element} create
 * @param {(element: Element, row: Row) => void} [update]
 */
export function reconcile(parent, rows, create, update = () => {}) {
  const known = new Map([...parent.children].map((element) => [element.dataset.key, element]))
  let next = parent.firstElementChild
  for (const row of rows) {
    let element = known.get(row.key)
    if (element) known.delete(row.key)
    else {
      element = create(row)
      element.dataset.key = row.key
    }
    update(element, row)
    if (element === next) next = next.nextElementSibling
    else parent.insertBefore(element, next)
  }
  for (const element of known.values()) element.remove()
}
