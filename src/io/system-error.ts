import { getSystemErrorMap } from 'node:util'

/** What an errno means to whoever runs the program, and what they can do about it. */
interface Meaning {
  readonly what: string
  readonly mend: string
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: {
    what: 'permission denied',
    mend: 'Give the user that runs zktune the rights to this path, or name another folder.',
  },
  EPERM: {
    what: 'operation not permitted',
    mend: 'Give the user that runs zktune the rights to this path, or name another folder.',
  },
  ENOENT: { what: 'no such file or folder', mend: 'Check the path, and that its disk is mounted.' },
  ENOTDIR: { what: 'a part of the path is not a folder', mend: 'Check the path.' },
  EISDIR: { what: 'it is a folder, where a file is needed', mend: 'Move the folder away, or name another path.' },
  EEXIST: { what: 'it exists already', mend: 'Move it away, or name another path.' },
  ENOSPC: {
    what: 'no space left on the device',
    mend: 'Free space on this disk, or name a folder on another one; then start again.',
  },
  EDQUOT: { what: 'the disk quota is used up', mend: 'Free space or raise the quota; then start again.' },
  EROFS: { what: 'the file system is read-only', mend: 'Mount it for writing, or name a folder on another disk.' },
  EMFILE: {
    what: 'this process has too many files open',
    mend: 'Raise the limit (ulimit -n), or use fewer connections.',
  },
  ENFILE: { what: 'the system has too many files open', mend: 'Raise fs.file-max, or close other programs.' },
  EIO: {
    what: 'the device failed to read or write',
    mend: 'Look at the kernel log (dmesg): the disk may be failing. Start again from another disk.',
  },
  EFBIG: { what: 'the file would be too large', mend: 'Raise the file size limit (ulimit -f).' },
  EADDRINUSE: {
    what: 'another program listens there already',
    mend: 'Stop it (ss -ltnp names it), or choose another port.',
  },
  EADDRNOTAVAIL: {
    what: 'no network interface of this machine has this address',
    mend: 'Use an address of this machine; 0.0.0.0 stands for all of them.',
  },
  ENOTFOUND: { what: 'the host name is not known', mend: 'Check the spelling of the name, and the DNS.' },
  EAI_AGAIN: { what: 'the host name could not be resolved for now', mend: 'Check the DNS, then try again.' },
  ECONNREFUSED: { what: 'nothing listens there', mend: 'Start the server, or check host and port.' },
  ECONNRESET: { what: 'the other side reset the connection', mend: 'Look at its log for the reason.' },
  EPIPE: { what: 'the other side has closed the connection', mend: 'Look at its log for the reason.' },
  ETIMEDOUT: { what: 'the other side did not answer in time', mend: 'Check that the host is up and reachable.' },
  EHOSTUNREACH: { what: 'no route leads to the host', mend: 'Check the address and the network.' },
  ENETUNREACH: { what: 'no route leads to the network', mend: 'Check the address and the network.' },
}

/** @returns the errno's name (`ENOSPC`), or null when `error` did not come from the operating system */
export function errnoOf(error: unknown): string | null {
  // Node tries each address of a name and reports the failures together.
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return null
  return cause.code
}

export function meaningOf(error: unknown): Meaning {
  const code = errnoOf(error)
  const known = code === null ? undefined : MEANINGS[code]
  if (known !== undefined) return { what: `${known.what} (${code})`, mend: known.mend }
  const mend = 'The operating system gave no more than this; its log may say why.'
  for (const [name, text] of getSystemErrorMap().values()) if (name === code) return { what: `${text} (${name})`, mend }
  return { what: error instanceof Error ? error.message : String(error), mend }
}
