/** Puts the words back together behind the terminal. It is constant, so no word is ever read as shell code. */
const outer = `
_tty_n=0 _tty_list= _tty_names=
for _tty_word do
  _tty_n=$((_tty_n + 1))
  export "HOOKLINE_TTY_$_tty_n=$_tty_word"
  _tty_list="$_tty_list \\"\\$HOOKLINE_TTY_$_tty_n\\""
  _tty_names="$_tty_names HOOKLINE_TTY_$_tty_n"
done
_tty_restore='unset SHELL'
if [ -n "$SHELL" ]; then
  export "HOOKLINE_TTY_SHELL=$SHELL"
  _tty_restore='SHELL=$HOOKLINE_TTY_SHELL; unset HOOKLINE_TTY_SHELL'
fi
SHELL=/bin/sh exec script -qfec "set --$_tty_list; unset$_tty_names; $_tty_restore; exec \\"\\$@\\"" /dev/null
`

/**
 * A command that runs another one in a terminal of its own and ends with its exit code. Needs `script`, of util-linux
 * on Linux, where it runs.
 */
export function ttyCommand(
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['/usr/bin/script', '-q', '/dev/null', ...command]
  return ['/bin/sh', '-c', outer, 'hookline-tty', ...command]
}
