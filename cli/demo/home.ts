import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHost } from 'hookline'
import { trustProject } from 'hookline/plugins/config-files'
import { hooksKey } from 'hookline/plugins/command-hooks'
import { builtins } from '../builtins.ts'
import type { DemoProject } from './project.ts'

const settings = `# The settings of the demo. Your own would be in ~/.hookline/config.toml.
model = "offline"
model_provider = "offline"
approval_policy = "never"
sandbox_mode = "workspace-write"
# Hooks of other products are left alone, and the project is this folder, whatever lies around it.
compat = []
project_root_markers = []

# Commands may write in the project and nowhere else.
[sandbox_workspace_write]
exclude_slash_tmp = true
exclude_tmpdir_env_var = true
`

/** Writes the settings of the demo, and trusts its project and the hooks of it as they are. */
export async function makeHome({ folder, home, hooksFile }: DemoProject): Promise<void> {
  await writeFile(join(home, 'config.toml'), settings, { mode: 0o600 })
  await trustProject(home, folder)
  await using host = createHost({ home, plugins: builtins({}) })
  const session = await host.session({ cwd: folder, source: 'cli', ephemeral: true })
  const service = session.kernel.services.get(hooksKey, 'default')
  const { hooks } = await service.list()
  await service.trust(
    hooks.filter(({ sourcePath }) => sourcePath === hooksFile).map(({ key }) => key),
  )
}
