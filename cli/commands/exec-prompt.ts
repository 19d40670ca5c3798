import { fstatSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { HooklineError, messageOf, type Part, type Prompt } from 'hookline'

const imageTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
}

/** True when something may be read from stdin: a pipe, a socket or a file, not a terminal or /dev/null. */
function stdinHasInput(): boolean {
  try {
    const stat = fstatSync(0)
    return stat.isFIFO() || stat.isFile() || stat.isSocket()
  } catch {
    return false
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** The text to ask: the argument, with piped input appended; or piped input alone for `-` or no argument. */
export async function promptText(
  word: string | undefined,
  notice: (text: string) => void,
): Promise<string> {
  if (word !== undefined && word !== '-') {
    if (word.trim() === '') {
      throw new HooklineError('PROMPT_MISSING', 'the prompt is empty', {
        hint: 'say what is to be done, or pass - to read it from stdin',
      })
    }
    if (!stdinHasInput()) return word
    notice('Reading additional input from stdin...')
    const input = await readStdin()
    return input.trim() === '' ? word : `${word}\n\n<stdin>\n${input.replace(/\n$/, '')}\n</stdin>`
  }
  if (word === undefined) notice('Reading prompt from stdin...')
  const input = stdinHasInput() || process.stdin.isTTY ? await readStdin() : ''
  if (input.trim() !== '') return input
  throw new HooklineError('PROMPT_MISSING', 'no prompt was given on stdin', {
    hint: 'pass the prompt as an argument, or pipe it in',
  })
}

function imageParts(file: string, at: number): readonly Part[] {
  try {
    const type = imageTypes[extname(file).toLowerCase()] ?? 'image/png'
    const imageUrl = `data:${type};base64,${readFileSync(file).toString('base64')}`
    return [
      { type: 'text', text: `<image name=[Image #${at + 1}] path="${file}">` },
      { type: 'image', imageUrl, detail: 'original' },
      { type: 'text', text: '</image>' },
    ]
  } catch (error) {
    return [{ type: 'text', text: `The image ${file} could not be read: ${messageOf(error)}` }]
  }
}

/** A prompt with its images before the text. */
export function promptOf(text: string, images: readonly string[]): Prompt {
  return { text, parts: [...images.flatMap(imageParts), { type: 'text', text }] }
}
