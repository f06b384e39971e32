// What the system says about a running server (Linux).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

// ThreadSanitizer keeps four bytes of shadow for each byte that the program touches, AddressSanitizer an eighth.
const [, preset] = /([a-z]+)$/.exec(process.env.BANTER_BUILD ?? 'dev')
const bytesPerByte = { tsan: 5, dev: 9 / 8 }[preset] ?? 1

// Memory of the program's own, in bytes.
function statusOf(pid, field) {
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kibibytes) * 1024 / bytesPerByte
}

/** Resident memory, in bytes. */
export function memoryOf(pid) { return statusOf(pid, 'VmRSS') }

/** By how many bytes resident memory is above its present size at most, until `work` is done. */
export async function memoryPeak(pid, work) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // forgets earlier peaks: proc(5)
  const before = memoryOf(pid)
  await work()
  return statusOf(pid, 'VmHWM') - before
}

/** Processor time that was used so far, in milliseconds; in steps of 10. */
export function processorTimeOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13)
  return (Number(user) + Number(system)) * 10
}

/** Open file descriptors. */
export function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).length
}
