import { describe, expect, it } from 'vitest'
import { applyAssignments } from './assignments.ts'

const base = { HOME: '/home/me', PATH: '/bin' }
const added = (text: string) => {
  const after = applyAssignments(text, base)
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) =>
      Object.entries(base).every(([n, v]) => n !== name || v !== value),
    ),
  )
}

describe('variables in the words of a shell', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['export A=1', { A: '1' }],
    ['  export   A=1 B=2  ', { A: '1', B: '2' }],
    ['export A="one two"', { A: 'one two' }],
    ['export A=\'$HOME "x"\'', { A: '$HOME "x"' }],
    ['export PATH="$PATH:./node_modules/.bin"', { PATH: '/bin:./node_modules/.bin' }],
    ['A=${HOME}/x', { A: '/home/me/x' }],
    ['A=$NOTHING.', { A: '.' }],
    ['A="a \\"quoted\\" \\$HOME \\n"', { A: 'a "quoted" $HOME \\n' }],
    ['A=a\\ b', { A: 'a b' }],
    ['A=', { A: '' }],
    ['A=http://x/#y B=#z # why', { A: 'http://x/#y', B: '#z' }],
    ['A=1; B=2', { A: '1', B: '2' }],
    ['A=1 # why\nB=2', { A: '1', B: '2' }],
    ['declare -x A="1"\ndeclare -rx B=\'2\'', { A: '1', B: '2' }],
    ['# A=1\n\nB=2\r\n', { B: '2' }],
    ['A=1\nB=$A$A', { A: '1', B: '11' }],
    ['A="two\nlines"\nB=2', { A: 'two\nlines', B: '2' }],
    ["A='two\nlines'", { A: 'two\nlines' }],
  ])('%j', (text, variables) => {
    expect(added(text)).toEqual(variables)
  })

  it.each([
    'A=$(date)',
    'A=`date`',
    'A="$(date)"',
    'A=${HOME:-x}',
    'A="open',
    "A='open",
    'A=1 echo hi',
    'A=1 && B=3',
    'A=1 > file',
    'source ~/.profile',
    'export A',
    'if [ x ]; then',
    '1A=2',
    'A+=x',
  ])('what only a shell makes sense of is passed over: %j', (line) => {
    expect(added(`${line}\nB=2`)).toEqual({ B: '2' })
  })
})
