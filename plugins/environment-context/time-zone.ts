import { readFile, readlink } from 'node:fs/promises'

const zoneName = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/

function nameIn(text: string | undefined): string | undefined {
  const name = text?.trim().replace(/^.*\/zoneinfo\//, '')
  return name !== undefined && zoneName.test(name) ? name : undefined
}

/**
 * The name of the local time zone, such as `Europe/Zurich`.
 * The system's own files are asked first: loading the tables of Intl takes longer than all the rest of a prompt.
 */
export async function timeZone(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const set = env['TZ']
  if (set !== undefined && set !== '') {
    const name = nameIn(set.replace(/^:/, ''))
    if (name !== undefined) return name
  } else {
    const link = await readlink('/etc/localtime').catch(() => undefined)
    const fromLink = link?.includes('/zoneinfo/') === true ? nameIn(link) : undefined
    if (fromLink !== undefined) return fromLink
    const fromFile = nameIn(await readFile('/etc/timezone', 'utf8').catch(() => undefined))
    if (fromFile !== undefined) return fromFile
  }
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0')
}

/** The date of a moment where the process runs, as YYYY-MM-DD. */
export function localDate(moment: Date): string {
  const [year, month, day] = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()]
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}
