// Reads TypeScript's declaration files, as its compiler writes them, as far as a list of public members needs it.

/** Comments are cut out; one that says @private leaves a mark. */
const withoutComments = (text) => text
  .replace(/\/\*[^]*?\*\//g, (comment) => (/@private|@internal/.test(comment) ? ' @private ' : ' '))
  .replace(/^\s*\/\/.*$/gm, '')

/** The text between a bracket at `start` and its partner, without them. */
function inside(text, start) {
  let depth = 0
  for (let at = start; at < text.length; ++at) {
    if ('{(['.includes(text[at])) ++depth
    else if ('})]'.includes(text[at]) && --depth === 0) return text.slice(start + 1, at)
  }
  throw new Error(`no end of what begins with ${text.slice(start, start + 60)}`)
}

/** Splits at semicolons that stand in no bracket; a method's end is one too. */
function statements(body) {
  const parts = ['']
  let depth = 0
  for (const char of body) {
    if ('{(['.includes(char)) ++depth
    if ('})]'.includes(char)) --depth
    if (char === ';' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts.map((part) => part.trim()).filter(Boolean)
}

/** Where the body of a class or an interface begins: the first brace that is in no type argument. */
function bodyOf(text, kind, name) {
  const head = new RegExp(`\\b${kind} ${name}\\b`).exec(text)
  if (!head) throw new Error(`there is no ${kind} ${name}`)
  let depth = 0
  for (let at = head.index; at < text.length; ++at) {
    if (text[at] === '<') ++depth
    if (text[at] === '>' && text[at - 1] !== '=') --depth
    if (text[at] === '{' && depth === 0) return inside(text, at)
  }
  throw new Error(`${kind} ${name} has no body`)
}

const modifiers = /^(?:(?:readonly|static|abstract|declare|get|set)\s+)+(?=[\w$"'])/

/**
 * The public members that a class or an interface declares itself: neither private nor protected, not called _so, not
 * marked as private in their comment. Members of an object that is a member are called `outer.inner`.
 * @param {string} text of a .d.ts file
 * @param {'class' | 'interface'} kind
 * @returns {string[]} sorted, each once
 */
export function publicMembers(text, kind, name) {
  const names = statements(bodyOf(withoutComments(text), kind, name)).flatMap((statement) => {
    if (/^@private|^(?:static )?(?:private|protected)\b/.test(statement)) return []
    const rest = statement.replace(modifiers, '')
    const [, member] = /^["']?([A-Za-z$][\w$]*)/.exec(rest) ?? []
    if (!member || member === 'constructor') return []
    const nested = new RegExp(`^${member}\\??:\\s*\\{`).exec(rest)
    if (!nested || rest.startsWith(`${member}(`) || /^\{\s*(readonly\s+)?[\d[]/.test(rest.slice(nested[0].length - 1))) return [member]
    return [member, ...statements(inside(rest, nested[0].length - 1)).map((inner) => `${member}.${/^(?:readonly\s+)?([\w$]+)/.exec(inner)[1]}`)]
  })
  return [...new Set(names)].sort()
}

/** The texts of a union type: type Reason = "a" | "b". */
export function unionOf(text, name) {
  const [, union] = new RegExp(`\\btype ${name} = ([^;]+);`).exec(text) ?? []
  if (!union) throw new Error(`there is no type ${name}`)
  return [...union.matchAll(/"([^"]+)"/g)].map(([, member]) => member)
}
