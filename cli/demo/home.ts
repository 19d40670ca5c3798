import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from 'hookline'
import { trustProject } from 'hookline/plugins/config-files'
import { hooksKey } from 'hookline/plugins/command-hooks'
import type { DemoProject } from './project.ts'

const settings = `# The settings of the demo. Your own would be in ~/.hookline/config.toml.
model = "offline"
model_provider = "offline"
approval_policy = "never"
sandbox_mode = "workspace-write"
# Hooks of other products are left alone, and the project is this folder, whatever lies around it.
compat = []
project_root_markers = []

# The catalog warns about models it does not know, and a script is none.
[builtins]
disable = ["model-catalog"]

# Commands may write in the project and nowhere else.
[sandbox_workspace_write]
exclude_slash_tmp = true
exclude_tmpdir_env_var = true
`

/** Writes the settings of the demo and trusts its project. */
export async function makeHome({ folder, home }: DemoProject): Promise<void> {
  await writeFile(join(home, 'config.toml'), settings, { mode: 0o600 })
  await trustProject(home, folder)
}

/** Trusts the hooks of the project as they are; that counts from the next session on. */
export async function trustHooks(host: Host, { folder, hooksFile }: DemoProject): Promise<void> {
  await using session = await host.session({ cwd: folder, source: 'cli', ephemeral: true })
  const service = session.kernel.services.get(hooksKey, 'default')
  const { hooks } = await service.list()
  const own = hooks.filter(({ sourcePath }) => sourcePath === hooksFile)
  await service.trust(own.map(({ key }) => key))
}
