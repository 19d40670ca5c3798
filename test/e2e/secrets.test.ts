import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { callOf, cliStage, commandCall, outputOf } from '../support/cli-stage.ts'

const key = `sk-proj-${randomBytes(18).toString('base64url')}`
const told = 'cat "$HOME/secret.txt"'

/** Every hook says the key, each in its own way. */
const hooks = {
  SessionStart: told,
  UserPromptSubmit: told,
  PreToolUse: `${told} >&2`,
  PostToolUse: `printf '{"hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"%s"}}' "$(${told})"`,
  Stop: `printf '{"systemMessage":"%s"}' "$(${told})"`,
  SessionEnd: told,
}
const hooksJson = JSON.stringify({
  hooks: Object.fromEntries(
    Object.entries(hooks).map(([event, command]) => [
      event,
      [{ hooks: [{ type: 'command', command }] }],
    ]),
  ),
})

/** The files below a folder that hold the key, apart from those that were put there with it. */
async function leaksIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })),
  )
  return texts
    .filter(({ file, text }) => `${file}${text}`.includes(key))
    .map(({ file }) => file.slice(folder.length + 1))
    .filter((file) => file !== 'secret.txt' && file !== 'project/AGENTS.md')
}

it.each([
  ['in text', []],
  ['as events', ['--json']],
])('the key of a provider is told nobody, %s', async (_how, words) => {
  const calls = [
    commandCall('env | grep MOCK_KEY; cat ../secret.txt; head -c 20 ../secret.txt', {
      call_id: 'c1',
    }),
    callOf(key, { key }, 'c2'),
    { type: 'reasoning', summary: [{ type: 'summary_text', text: `I know ${key}` }] },
  ]
  const refusal = { status: 401, body: { error: { message: `Incorrect API key: ${key}` } } }
  await using stage = await cliStage([calls, [`the key is ${key}`], ['fine'], refusal], {
    tables: 'env_key = "MOCK_KEY"',
    files: { 'secret.txt': key, 'hooks.json': hooksJson, 'project/AGENTS.md': `The key: ${key}` },
  })
  const exec = (...more: readonly string[]) =>
    stage.exec([...words, '--dangerously-bypass-hook-trust', ...more], {
      env: { MOCK_KEY: key },
      input: `piped ${key}`,
    })
  const runs = [
    await exec('-o', 'answer', `it is ${key}`),
    await exec('resume', '--last', 'once more'),
    await exec('resume', '--last', 'and again'),
  ]
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 1])
  for (const { stdout, stderr } of runs) {
    expect(stdout).not.toContain(key)
    expect(stderr).not.toContain(key)
  }
  expect(await leaksIn(stage.home)).toEqual([])
  expect(await readFile(join(stage.project, 'answer'), 'utf8')).toBe('the key is <redacted>')
  expect(outputOf(stage.server, 'c1')).toMatch(/Output:\n<redacted>/)
  // Only the header says it.
  for (const { headers, body } of stage.server.requests) {
    expect(headers['authorization']).toBe(`Bearer ${key}`)
    expect(JSON.stringify(body)).not.toContain(key)
  }
})

it('a key that is stored is told nobody either', async () => {
  await using stage = await cliStage([[commandCall('cat ../auth.json')], [key]], {
    tables: 'requires_openai_auth = true',
  })
  await writeFile(join(stage.home, 'auth.json'), JSON.stringify({ OPENAI_API_KEY: key }))
  const run = await stage.exec(['--json', `remember ${key}`])
  expect(run.code).toBe(0)
  expect(run.stdout).not.toContain(key)
  expect(stage.server.requests[0]?.headers['authorization']).toBe(`Bearer ${key}`)
  expect(await leaksIn(stage.home)).toEqual(['auth.json'])
})
