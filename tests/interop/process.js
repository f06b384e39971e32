// What the system says about a running server (Linux).
import { readdirSync, readFileSync } from 'node:fs'

// ThreadSanitizer keeps four bytes of shadow for each byte that the program touches.
const bytesPerByte = /(^|\/)tsan$/.test(process.env.BANTER_BUILD ?? '') ? 5 : 1

/** Resident memory of the program's own, in bytes. */
export function memoryOf(pid) {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kibibytes) * 1024 / bytesPerByte
}

/** Open file descriptors. */
export function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).length
}
