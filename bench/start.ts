// `npm run bench`: from starting the process to the first model request, side by side with the least it can cost.
// BENCH_RUNS says how often (default 15); BENCH_PEER names another command, with {url} for the model endpoint.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { modelEndpoint, type ModelEndpoint } from './model-endpoint.ts'

interface Contender {
  readonly name: string
  readonly words: readonly string[]
  readonly toRequest: number[]
  readonly toEnd: number[]
}

const root = resolve(import.meta.dirname, '..')
const runs = Number(process.env['BENCH_RUNS'] ?? 15)

async function run(contender: Contender, endpoint: ModelEndpoint, home: string): Promise<void> {
  const [file = '', ...args] = contender.words
  const began = performance.now()
  const child = spawn(file, args, {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, HOOKLINE_HOME: home, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  const code = await ended.promise
  const arrival = endpoint.takeArrival()
  if (code !== 0 || arrival === undefined)
    throw new Error(`${contender.name} ended with ${code}: ${complaint}`)
  contender.toRequest.push(arrival - began)
  contender.toEnd.push(performance.now() - began)
}

/** Leaves out the first round, which fills the caches. */
function figures([, ...times]: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const [least = Number.NaN] = sorted
  return `${median.toFixed(1).padStart(7)} [${least.toFixed(1)}]`
}

function contenders(url: string): readonly Contender[] {
  const peer = process.env['BENCH_PEER']?.replace('{url}', url).split(' ').filter(Boolean)
  const commands: Readonly<Record<string, readonly string[] | undefined>> = {
    floor: [process.execPath, join(root, 'bench/floor.mjs'), url, 'say a word'],
    hookline: [
      process.execPath,
      join(root, 'dist/cli/main.js'),
      'exec',
      '--skip-git-repo-check',
      'say a word',
    ],
    peer,
  }
  return Object.entries(commands).flatMap(([name, words]) =>
    words === undefined ? [] : [{ name, words, toRequest: [], toEnd: [] }],
  )
}

await using endpoint = await modelEndpoint()
const home = await mkdtemp(join(tmpdir(), 'hookline-bench-'))
try {
  const config = `model = "gpt-5.5"\nmodel_provider = "mock"\n[model_providers.mock]\nname = "mock"\nbase_url = "${endpoint.url}"\nwire_api = "responses"\n`
  await writeFile(join(home, 'config.toml'), config)
  const all = contenders(endpoint.url)
  for (let round = 0; round <= runs; round += 1) {
    for (const contender of all) await run(contender, endpoint, home)
  }
  console.log(`ms, median [least] of ${runs} rounds: to the first model request, to the end`)
  for (const { name, toRequest, toEnd } of all)
    console.log(`${name.padEnd(9)} ${figures(toRequest)} ${figures(toEnd)}`)
} finally {
  await rm(home, { recursive: true, force: true })
}
