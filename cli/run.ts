import { basename } from 'node:path'
import { main } from './main.ts'

// Commands that find themselves by this name want the patch tool alone.
const asPatch = basename(process.argv[1] ?? '') === 'apply_patch' ? ['apply_patch'] : []

async function run(): Promise<void> {
  process.exitCode = await main([...asPatch, ...process.argv.slice(2)])
}

// No top-level await: the launcher of the build loads this module with `require`, which is the faster way in.
void run()
