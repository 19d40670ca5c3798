import { definePlugin, toolKey } from 'hookline'
import { viewImageTool } from './tool.ts'

/** Lets the model look at image files: `view_image`. */
export const toolViewImage = definePlugin({
  name: 'tool-view-image',
  power: 'shape',
  setup({ services }) {
    services.provide(toolKey, 'view_image', () => viewImageTool)
  },
})
