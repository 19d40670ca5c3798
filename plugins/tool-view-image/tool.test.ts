import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definePlugin, type ImagePart, type Part } from 'hookline'
import { runTurn, scriptedModel, temporaryHome, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { toolViewImage } from './index.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

interface Setting {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly prepare?: (folder: string) => Promise<unknown>
}

/** What the model is answered when it asks for an image, what PostToolUse sees, and where it was. */
async function view(args: unknown, setting: Setting = {}) {
  await using home = await temporaryHome({ 'ws/.keep': '' })
  const cwd = join(home.path, 'ws')
  await setting.prepare?.(cwd)
  const responses: unknown[] = []
  const watcher = definePlugin({
    name: 'watcher',
    power: 'shape',
    setup: ({ hooks }) =>
      hooks.postToolUse.tap('see', ({ response, withoutResult }) => {
        if (withoutResult !== true) responses.push(response)
      }),
  })
  const model = scriptedModel([[{ call: 'view_image', args }]])
  const options = {
    home: home.path,
    cwd,
    settings: { sandbox_mode: 'read-only', ...setting.settings },
  }
  await using test = await testKernel([model.plugin, toolViewImage, watcher], options)
  await runTurn(test, 'look')
  const answer = model.requests[1]?.items.findLast((item) => item.type === 'tool_output')
  const output: string | readonly Part[] = answer?.output ?? ''
  return { output, responses, cwd }
}

const imageOf = (output: string | readonly Part[]): ImagePart | undefined =>
  typeof output === 'string' ? undefined : output.find((part) => part.type === 'image')

async function withOuterImage(cwd: string): Promise<void> {
  await writeFile(join(cwd, '../p.png'), png)
}

async function withSecret(cwd: string): Promise<void> {
  await writeFile(join(cwd, 'secret.png'), png)
  await symlink('secret.png', join(cwd, 'link.png'))
}

describe('view_image', () => {
  it('shows an image in its original size', async () => {
    const prepare = (cwd: string) => writeFile(join(cwd, 'p.png'), png)
    const { output, responses } = await view({ path: 'p.png' }, { prepare })
    const imageUrl = `data:image/png;base64,${png.toString('base64')}`
    expect(output).toEqual([{ type: 'image', imageUrl, detail: 'original' }])
    expect(responses).toEqual([`image/png, ${png.length} bytes`])
  })

  it.each([
    ['image/png', png],
    ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ['image/gif', Buffer.from('GIF89a…')],
    ['image/webp', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1')],
  ])('knows %s by its content, whatever its name says', async (mime, data) => {
    const prepare = (cwd: string) => writeFile(join(cwd, 'picture.txt'), data)
    const { output } = await view({ path: 'picture.txt' }, { prepare })
    expect(imageOf(output)?.imageUrl).toBe(`data:${mime};base64,${data.toString('base64')}`)
  })

  it('sees images outside of the project too', async () => {
    expect(
      imageOf((await view({ path: '../p.png' }, { prepare: withOuterImage })).output),
    ).toBeDefined()
  })

  it('says where it looked for an image that is not there, which is no result', async () => {
    const { output, responses, cwd } = await view({ path: 'zz.png' })
    expect(output).toBe(
      `unable to locate image at \`${join(cwd, 'zz.png')}\`: No such file or directory (os error 2)`,
    )
    expect(responses).toEqual([])
  })

  it.each([
    ['a folder', 'is not a file', (path: string) => mkdir(path)],
    ['text', 'is not an image', (path: string) => writeFile(path, '<svg/>')],
    [
      'what is too large',
      'is too large',
      async (path: string) => {
        await writeFile(path, png)
        await truncate(path, 21 * 1024 * 1024)
      },
    ],
  ])('refuses %s', async (_what, message, make) => {
    const prepare = (cwd: string) => make(join(cwd, 'x.png'))
    const { output, cwd } = await view({ path: 'x.png' }, { prepare })
    expect(output).toContain(message)
    expect(output).toContain(join(cwd, 'x.png'))
  })

  it('does not show what may not be read, also behind a link', async () => {
    const settings = {
      sandbox_mode: undefined,
      default_permissions: 'p',
      permissions: {
        p: { extends: ':workspace', filesystem: { ':workspace_roots': { 'secret.png': 'deny' } } },
      },
    }
    const { output } = await view({ path: 'link.png' }, { prepare: withSecret, settings })
    expect(output).toContain('the policy denies reading it')
  })

  it('names a missing argument', async () => {
    const { output } = await view({})
    expect(output).toBe('failed to parse function arguments: missing field `path`')
  })
})
