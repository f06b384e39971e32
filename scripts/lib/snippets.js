// The C++ snippets of a page of the documentation, as one source that compiles if all of them do.
//
// A block that has a `main` is a program of its own. Any other is taken for statements inside a function that
// knows `io`, `socket` and `options`, of the library's types, and may have its own of these names; unless its fence
// says `cpp declarations`: then it stands outside of functions, and the blocks behind it see it. What a page takes
// for granted (the reader's own types and functions) is declared in a comment that readers do not see:
// <!-- declarations … -->

const blocks = /^(?:<!-- declarations\n(?<hidden>[\s\S]*?)^-->|```cpp(?: (?<kind>declarations))?\n(?<code>[\s\S]*?)^```)$/gm

const preamble = `#include <banter/banter.h>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
`

const frameOf = (line) => `[[maybe_unused]] static void line_${line}([[maybe_unused]] banter::Server& io,
    [[maybe_unused]] banter::Socket socket, [[maybe_unused]] banter::Options options)`

const scriptBlocks = /^```js\n(?<code>[\s\S]*?)^```$/gm

const lineOf = (markdown, index) => markdown.slice(0, index).split('\n').length + 1

/**
 * @param {string} name of the page, for the compiler's messages
 * @param {string} markdown
 * @returns {{ name: string, text: string }[]} sources: the programs, and one of everything else
 */
export function sourcesOf(name, markdown) {
  const programs = []
  let common = ''
  for (const { index, groups } of markdown.matchAll(blocks)) {
    const code = groups.hidden ?? groups.code
    const line = lineOf(markdown, index)
    const placed = `#line ${line} "${name}"\n${code}`
    if (/\bint main\(/.test(code)) programs.push({ name: `${name}:${line}`, text: placed })
    else if (groups.kind || groups.hidden) common += placed
    else common += `${frameOf(line)} {{\n${placed}}}\n`
  }
  return common ? [{ name, text: preamble + common }, ...programs] : programs
}

/**
 * @param {string} name of the page
 * @param {string} markdown
 * @returns {{ name: string, text: string }[]} each JavaScript snippet as a module, its lines where the page has them
 */
export function scriptsOf(name, markdown) {
  return [...markdown.matchAll(scriptBlocks)].map(({ index, groups }) => {
    const line = lineOf(markdown, index)
    return { name: `${name}:${line}`, text: '\n'.repeat(line - 1) + groups.code }
  })
}
