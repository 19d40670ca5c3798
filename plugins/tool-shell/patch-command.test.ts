import { describe, expect, it } from 'vitest'
import { findPatchCommand } from './patch-command.ts'

const patch = '*** Begin Patch\n*** Delete File: a.txt\n*** End Patch\n'

describe('findPatchCommand', () => {
  it.each([
    ['a quoted end word', `apply_patch <<'EOF'\n${patch}EOF`, undefined],
    ['a final newline', `apply_patch <<'EOF'\n${patch}EOF\n`, undefined],
    ['double quotes', `apply_patch <<"PATCH"\n${patch}PATCH`, undefined],
    ['an unquoted end word', `apply_patch << EOF\n${patch}EOF`, undefined],
    ['the other name', `applypatch <<EOF\n${patch}EOF`, undefined],
    ['a folder', `cd sub/dir && apply_patch <<'EOF'\n${patch}EOF`, 'sub/dir'],
    ['a folder and a new line', `cd sub &&\napply_patch <<'EOF'\n${patch}EOF`, 'sub'],
    ['a single-quoted folder', `cd 'my $dir' && apply_patch <<'EOF'\n${patch}EOF`, 'my $dir'],
    ['a double-quoted folder', `cd "my dir" && apply_patch <<'EOF'\n${patch}EOF`, 'my dir'],
  ])('recognises %s', (_name, script, folder) => {
    expect(findPatchCommand(script)).toEqual({ patch, folder })
  })

  it.each([
    ['no patch at all', 'echo apply_patch'],
    ['a command before it', `echo hi; apply_patch <<'EOF'\n${patch}EOF`],
    ['a command behind it', `apply_patch <<'EOF'\n${patch}EOF\necho done`],
    ['a pipe', `apply_patch <<'EOF' | cat\n${patch}EOF`],
    ['a missing end word', `apply_patch <<'EOF'\n${patch}`],
    ['an indented end word', `apply_patch <<'EOF'\n${patch} EOF`],
    ['tabs taken away by the shell', `apply_patch <<-'EOF'\n${patch}EOF`],
    ['an argument', `apply_patch --check <<'EOF'\n${patch}EOF`],
    ['two folders', `cd a b && apply_patch <<'EOF'\n${patch}EOF`],
    ['a folder that the shell expands', `cd $HOME && apply_patch <<'EOF'\n${patch}EOF`],
    ['the home folder', `cd ~/x && apply_patch <<'EOF'\n${patch}EOF`],
    ['the folder before', `cd - && apply_patch <<'EOF'\n${patch}EOF`],
    ['a failing cd that would be ignored', `cd sub; apply_patch <<'EOF'\n${patch}EOF`],
    ['mixed quotes', `apply_patch <<'EOF"\n${patch}EOF`],
  ])('leaves %s to the shell', (_name, script) => {
    expect(findPatchCommand(script)).toBeUndefined()
  })

  it('keeps an end word inside a line of the patch', () => {
    const body = '*** Begin Patch\n*** Add File: a\n+EOF \n+x EOF\n*** End Patch\n'
    expect(findPatchCommand(`apply_patch <<'EOF'\n${body}EOF`)?.patch).toBe(body)
  })
})
