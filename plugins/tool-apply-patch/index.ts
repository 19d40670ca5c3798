import { catalogKey, definePlugin, toolKey } from 'hookline'
import { applyPatchTool } from './tool.ts'

/** Lets the model edit files by patches: `apply_patch`, offered to models that were trained on its grammar. */
export const toolApplyPatch = definePlugin({
  name: 'tool-apply-patch',
  power: 'shape',
  setup({ services }) {
    services.provide(toolKey, 'apply_patch', () =>
      applyPatchTool(
        (turn) =>
          services.find(catalogKey, 'default')?.describe(turn.model).applyPatch === 'freeform',
      ),
    )
  },
})
