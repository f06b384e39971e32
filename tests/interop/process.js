// What the system says about a running server (Linux).
import { readdirSync, readFileSync } from 'node:fs'

/** Resident memory, in bytes. */
export function memoryOf(pid) {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kibibytes) * 1024
}

/** Open file descriptors. */
export function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).length
}
