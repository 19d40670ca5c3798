import { describe, expect, it } from 'vitest'
import { parseShell, resolveWord, staticText } from './shell-words.ts'

const words = (text: string) =>
  parseShell(text).map((command) => command.words.map((word) => staticText(word) ?? '?'))

describe('a command line taken apart', () => {
  it.each([
    ['sh guard.sh', [['sh', 'guard.sh']]],
    ['echo \'a b\' "c d" e\\ f', [['echo', 'a b', 'c d', 'e f']]],
    ['A=1 B="2" node x.js', [['node', 'x.js']]],
    ['if grep -q x; then exit 2; fi', [['grep', '-q', 'x'], ['exit', '2'], ['fi']]],
    ['a && b || c | d & e\nf # not this', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['echo "$(cat x; echo y)" z', [['echo', '?', 'z']]],
    ['echo `cat x` z', [['echo', '?', 'z']]],
    ['echo $HOME', [['echo', '?']]],
    ['echo \'{"a":"b"}\'', [['echo', '{"a":"b"}']]],
    ['echo "{\\"a\\":\\"b\\"}"', [['echo', '{"a":"b"}']]],
    ['cat > out.txt 2>&1 x', [['cat', 'x']]],
    ["echo 'never closed", [['echo', 'never closed']]],
    ['', []],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  it('knows where the output of a command goes', () => {
    const [plain, diverted, stderr, device, piped] = parseShell(
      'echo a; echo b > x; echo c >&2; echo d 1> /dev/stderr; echo e | cat',
    )
    expect(plain).toMatchObject({ diverted: false, toStderr: false })
    expect(diverted).toMatchObject({ diverted: true, toStderr: false })
    expect(stderr).toMatchObject({ diverted: true, toStderr: true })
    expect(device).toMatchObject({ diverted: true, toStderr: true })
    expect(piped).toMatchObject({ diverted: true })
  })

  it('puts in variables that are known, and their fallbacks', () => {
    const [command] = parseShell(
      'x "$ROOT/a b" ${ROOT}/c ${OTHER:-.}/d \'${PLUGIN_ROOT}/e $ROOT\' $OTHER',
    )
    const resolved = command?.words.map((word) =>
      resolveWord(word, { ROOT: '/r', PLUGIN_ROOT: '/p' }),
    )
    expect(resolved).toEqual(['x', '/r/a b', '/r/c', './d', '/p/e $ROOT', undefined])
  })
})
