import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptsOf, sourcesOf } from '../lib/snippets.js'

const fence = (code, kind = '') => `\`\`\`cpp${kind}\n${code}\n\`\`\``

test('statements become a function, at their line of the page', () => {
  const [source, ...others] = sourcesOf('page.md', `# Page\n\n${fence('io.emit("x");')}\n`)
  assert.deepEqual(others, [])
  assert.match(source.text, /static void line_4\(.*banter::Server& io[^{]*\{\{\n#line 4 "page\.md"\nio\.emit\("x"\);\n\}\}/)
})

test('declarations, shown or hidden, stand outside of functions and in front of what follows', () => {
  const page = `<!-- declarations\nbool is_known(std::string);\n-->\n\n${fence('struct Message {};', ' declarations')}\n${fence('is_known("x");')}`
  const [{ text }] = sourcesOf('page.md', page)
  const at = ['#line 2 "page.md"\nbool is_known', '#line 6 "page.md"\nstruct Message', 'static void line_9'].map((part) => text.indexOf(part))
  assert.ok(at.every((index) => index > 0), text)
  assert.deepEqual([...at].sort((a, b) => a - b), at)
})

test('a block with a main is a program of its own', () => {
  const sources = sourcesOf('page.md', `${fence('int main() {}')}\n${fence('io.emit("x");')}`)
  assert.deepEqual(sources.map(({ name }) => name), ['page.md', 'page.md:2'])
  assert.equal(sources[1].text, '#line 2 "page.md"\nint main() {}\n')
})

test('other languages, and pages without C++, have no sources', () => {
  assert.deepEqual(sourcesOf('page.md', '```js\nio()\n```\n\n```\nint main() {}\n```\n'), [])
})

test('a JavaScript block is a module of its own, at its line of the page', () => {
  const scripts = scriptsOf('page.md', '# Page\n\n```js\nio()\n```\n\n```js\nawait x\n```\n')
  assert.deepEqual(scripts, [
    { name: 'page.md:4', text: '\n\n\nio()\n' },
    { name: 'page.md:8', text: '\n\n\n\n\n\n\nawait x\n' }
  ])
})
