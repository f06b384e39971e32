// Serves pages from an origin of their own.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { root } from './program.js'

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

export class PageServer {
  #server

  /** @param {Record<string, string>} files for each path of a URL a file of the repository */
  static async start(files) {
    const pages = new PageServer()
    pages.#server = createServer((request, response) => {
      const file = files[request.url]
      if (!file) return response.writeHead(404).end()
      response.writeHead(200, { 'Content-Type': types[path.extname(file)] })
      createReadStream(path.join(root, file)).pipe(response)
    }).listen(0, '127.0.0.1')
    await once(pages.#server, 'listening')
    return pages
  }

  get origin() { return `http://127.0.0.1:${this.#server.address().port}` }

  stop() {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
