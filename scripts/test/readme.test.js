// What the README shows is what is built and tested.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const root = new URL('../../', import.meta.url)
const read = (name) => readFile(new URL(name, root), 'utf8')

for (const [language, file] of [
  ['cpp', 'examples/quickstart/main.cpp'],
  ['html', 'examples/quickstart/public/index.html']
]) {
  test(`the README's first ${language} block is ${file}`, async () => {
    const [, block] = (await read('README.md')).match(new RegExp('```' + language + '\\n([^]*?)```')) ?? []
    assert.equal(block, await read(file))
  })
}
