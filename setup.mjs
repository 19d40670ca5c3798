// Makes sure that what the sandbox needs is installed. Runs on the system's own Node, so nothing here is newer than 20.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** How each family of Linux systems installs bubblewrap; the first name that /etc/os-release gives decides. */
const installers = {
  debian: ['apt-get', 'install', '-y', 'bubblewrap'],
  ubuntu: ['apt-get', 'install', '-y', 'bubblewrap'],
  fedora: ['dnf', 'install', '-y', 'bubblewrap'],
  rhel: ['dnf', 'install', '-y', 'bubblewrap'],
  suse: ['zypper', '--non-interactive', 'install', 'bubblewrap'],
  arch: ['pacman', '-S', '--noconfirm', 'bubblewrap'],
  alpine: ['apk', 'add', 'bubblewrap'],
}

const isRoot = process.getuid?.() === 0

function systemFamilies() {
  if (!existsSync('/etc/os-release')) return []
  const text = readFileSync('/etc/os-release', 'utf8')
  const value = (key) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  return `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/).filter(Boolean)
}

function hasBubblewrap() {
  return spawnSync('bwrap', ['--version'], { stdio: 'ignore' }).status === 0
}

function aptGet(...words) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['-o', 'DPkg::Lock::Timeout=120', ...words]
  return spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0
}

function remedy(install) {
  if (install === undefined)
    return 'install the package "bubblewrap" with the package manager of this system'
  const words = isRoot ? install : ['sudo', ...install]
  return `run: ${words.join(' ')}`
}

function ensureBubblewrap() {
  if (hasBubblewrap()) return true
  const install = systemFamilies()
    .map((name) => installers[name])
    .find(Boolean)
  if (isRoot && install?.[0] === 'apt-get') {
    console.log('setup: bubblewrap is missing and is installed now')
    // An update that fails may still leave lists that are good enough, so only the installation decides.
    aptGet('update')
    if (aptGet(...install.slice(1)) && hasBubblewrap()) return true
  }
  console.error(
    `setup: bubblewrap (bwrap) is missing; commands of a session run in a sandbox made with it\n` +
      `setup: ${remedy(install)}\n` +
      `setup: to go on without it, set HOOKLINE_SKIP_SETUP=1`,
  )
  return false
}

function kernelSwitch(name) {
  const file = `/proc/sys/${name}`
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

function namespaceRemedy() {
  if (kernelSwitch('user/max_user_namespaces') === '0')
    return 'sudo sysctl -w user.max_user_namespaces=15000'
  if (kernelSwitch('kernel/unprivileged_userns_clone') === '0') {
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1'
  }
  if (kernelSwitch('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that allows bwrap userns'
  }
  return 'in a container, start it with: --security-opt seccomp=unconfined --security-opt apparmor=unconfined'
}

/** A sandbox that cannot start is no reason to stop: the product says so again where it matters. */
function warnWithoutNamespaces() {
  const trial = spawnSync('bwrap', ['--ro-bind', '/', '/', 'true'], { encoding: 'utf8' })
  if (trial.status === 0) return
  console.warn(`setup: bwrap is installed but cannot start a sandbox: ${trial.stderr.trim()}`)
  console.warn(`setup: ${namespaceRemedy()}`)
}

if (process.platform === 'linux' && process.env.HOOKLINE_SKIP_SETUP !== '1') {
  if (ensureBubblewrap()) warnWithoutNamespaces()
  else process.exitCode = 1
}
