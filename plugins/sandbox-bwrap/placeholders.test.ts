import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdPlace, isPlaceholder, releasePlaces } from './placeholders.ts'

let base: string
let path: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'places-'))
  path = join(base, '.git')
})
afterEach(() => {
  releasePlaces()
  rmSync(base, { recursive: true })
})

const program = `import(process.env.MODULE).then(({ holdPlace }) => {
  const place = holdPlace(process.env.PLACE)
  process.stdin.once('data', () => { place.release(); process.exit() })
  process.stdout.write('held')
})`

/** Another process that holds the place until it is told not to. */
async function otherHolder(): Promise<{ end(): Promise<void>; child: ChildProcess }> {
  const child = spawn(process.execPath, ['--conditions=hookline-source', '-e', program], {
    env: { ...process.env, MODULE: new URL('placeholders.ts', import.meta.url).href, PLACE: path },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    child,
    async end() {
      child.stdin.write('x')
      await once(child, 'exit')
    },
  }
}

describe('the place of a missing name', () => {
  it('is a folder that shows nothing, and is gone once nobody holds it', () => {
    const one = holdPlace(path)
    const two = holdPlace(path)
    expect(isPlaceholder(path)).toBe(true)
    expect(readdirSync(one?.empty ?? '')).toEqual([])
    one?.release()
    expect(existsSync(path)).toBe(true)
    two?.release()
    expect(existsSync(path)).toBe(false)
  })

  it('stays while another process holds it, whoever came first', async () => {
    const own = holdPlace(path)
    const other = await otherHolder()
    own?.release()
    expect(existsSync(path)).toBe(true)
    const again = holdPlace(path)
    await other.end()
    expect(existsSync(path)).toBe(true)
    again?.release()
    expect(existsSync(path)).toBe(false)
  })

  it('is taken over from a process that was killed', async () => {
    const { child } = await otherHolder()
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isPlaceholder(path)).toBe(true)
    holdPlace(path)?.release()
    expect(existsSync(path)).toBe(false)
  })

  it('stays where somebody has put something into it meanwhile', () => {
    const place = holdPlace(path)
    writeFileSync(join(path, 'HEAD'), 'ref')
    expect(isPlaceholder(path)).toBe(false)
    place?.release()
    expect(readdirSync(path)).toEqual(['HEAD'])
  })

  it('stays, and is left empty, where it was an empty folder of the user', () => {
    mkdirSync(path)
    holdPlace(path)?.release()
    expect(readdirSync(path)).toEqual([])
  })

  it('is not needed where we may not write either', () => {
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    const locked = '/usr/.git'
    const script = `import(process.env.MODULE).then(({ holdPlace }) => console.log(holdPlace('${locked}')))`
    const { stdout } = spawnSync(process.execPath, ['--conditions=hookline-source', '-e', script], {
      env: { ...process.env, MODULE: new URL('placeholders.ts', import.meta.url).href },
      encoding: 'utf8',
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    expect(stdout).toBe('undefined\n')
  })

  it('is refused where its folder is not there', () => {
    const far = join(base, 'a', '.git')
    expect(() => holdPlace(far)).toThrow(expect.objectContaining({ code: 'SANDBOX_REFUSED' }))
  })
})
